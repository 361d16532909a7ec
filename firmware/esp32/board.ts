/** The board: every port that the firmware asks for, made once. */

import config from 'mc/config';
import Native from 'mc/ffi';
import { mountFlashOutbox } from '../outbox/flash-outbox.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Alarm, Network, Scheme } from '../ports.ts';
import { installAbortHook } from './abort.ts';
import { BoardAlarm } from './alarm.ts';
import { boardButton } from './button.ts';
import type { Credentials } from './certificates.ts';
import { BoardClock } from './clock.ts';
import { BoardDatagrams } from './datagrams.ts';
import { BoardFlash } from './flash.ts';
import { BoardI2CBus } from './i2c.ts';
import { BoardKeyValue } from './key-value.ts';
import { boardLight } from './light.ts';
import { BoardListener } from './listener.ts';
import { BoardLog } from './log.ts';
import { BoardMemory } from './memory.ts';
import { boardNetworks } from './network.ts';
import { BoardPower } from './power.ts';
import { BoardRadio } from './radio.ts';
import { BoardRandom } from './random.ts';
import { BoardTime } from './time.ts';
import { BoardUpdater } from './update.ts';

const OUTBOX_PARTITION = 'outbox';
/** The longest values of one reading, as bytes of JSON. */
const PAYLOAD_BYTES_MAX = 512;

export class Board {
  readonly clock = new BoardClock();
  readonly random: BoardRandom;
  readonly power: BoardPower;
  readonly memory: BoardMemory;
  readonly values = new BoardKeyValue();
  readonly listener = new BoardListener();
  readonly datagrams = new BoardDatagrams();
  readonly radio: BoardRadio;
  readonly time: BoardTime;
  readonly updater: BoardUpdater;
  readonly log: BoardLog;

  constructor() {
    const native = new Native();
    this.random = new BoardRandom(native);
    this.power = new BoardPower(native);
    installAbortHook(this.values, this.power);
    this.memory = new BoardMemory(native);
    this.radio = new BoardRadio(native, this.clock);
    this.time = new BoardTime(this.clock, this.random, this.datagrams);
    this.updater = new BoardUpdater(native);
    this.log = new BoardLog(native);
  }

  alarm(ring: () => void): Alarm {
    return new BoardAlarm(this.clock, ring);
  }

  networks(credentials: Credentials): Record<Scheme, Network> {
    return boardNetworks(credentials, this.random);
  }

  /** Mounts what the flash holds. @param window readings in flight */
  outbox(window: number): Outbox {
    const flash = new BoardFlash(OUTBOX_PARTITION);
    return mountFlashOutbox(flash, { window, payloadBytesMax: PAYLOAD_BYTES_MAX });
  }

  /** @param sda @param scl pins; -1: the board's own */
  bus(sda: number, scl: number): BoardI2CBus {
    const pins = config.board;
    return new BoardI2CBus(sda < 0 ? pins.sda : sda, scl < 0 ? pins.scl : scl);
  }

  /** @param pin -1: the board's own */
  light(pin: number): ReturnType<typeof boardLight> {
    return boardLight(pin < 0 ? config.board.led : pin);
  }

  /** @param pin -1: the board's own */
  button(pin: number): ReturnType<typeof boardButton> {
    return boardButton(pin < 0 ? config.board.button : pin);
  }
}
