/** The board: every port that the firmware asks for, made once. */

import config from 'mc/config';
import Native from 'mc/ffi';
import type { BoardPins, MotePorts, TlsCredentials } from '../mote/ports.ts';
import { READING_BYTES_MAX } from '../mote/sensors.ts';
import { OrderlyPower, OrderlyRadio } from '../network/orderly.ts';
import { mountFlashOutbox } from '../outbox/flash-outbox.ts';
import type { Alarm, Button, Light, Network, Power, Radio, Scheme } from '../ports.ts';
import type { RequestHandler } from '../provisioning/http/request.ts';
import type { PortalModel } from '../provisioning/model.ts';
import { Routes } from '../provisioning/portal/routes.ts';
import { installAbortHook } from './abort.ts';
import { BoardAlarm } from './alarm.ts';
import { boardButton } from './button.ts';
import { BoardClock } from './clock.ts';
import { boardCrc32 } from './crc32.ts';
import { BoardDatagrams } from './datagrams.ts';
import { BoardFlash } from './flash.ts';
import { BoardI2CBus } from './i2c.ts';
import { BoardInputs } from './inputs.ts';
import { BoardKeyValue } from './key-value.ts';
import { boardLight } from './light.ts';
import { BoardListener } from './listener.ts';
import { BoardLog } from './log.ts';
import { BoardMemory } from './memory.ts';
import { boardNetworks } from './network.ts';
import { BoardPower } from './power.ts';
import { BoardRadio } from './radio.ts';
import { BoardRandom } from './random.ts';
import { pageResources } from './resources.ts';
import { scramOf } from './sign-in.ts';
import { BoardSockets, networkThread } from './sockets.ts';
import { boardTime } from './time.ts';
import { BoardUpdater } from './update.ts';

const OUTBOX_PARTITION = 'outbox';
/** Readings in flight per lane. */
const WINDOW = 8;
/** The board's own address in its set-up network. */
const SET_UP_HOST = '192.168.4.1';

export class Board implements MotePorts {
  readonly clock = new BoardClock();
  readonly random: BoardRandom;
  readonly scram: MotePorts['scram'];
  readonly power: Power;
  readonly memory: BoardMemory;
  readonly values = new BoardKeyValue();
  readonly outbox: MotePorts['outbox'];
  private readonly sockets = new BoardSockets(this.clock);
  readonly listener: BoardListener;
  readonly datagrams = new BoardDatagrams(() => this.sockets.closing());
  readonly pins: BoardPins = config.board;
  readonly inputs = new BoardInputs(this.clock);
  readonly radio: Radio;
  readonly updater: BoardUpdater;
  readonly log = new BoardLog();
  readonly time = boardTime(this.clock);

  constructor() {
    const native = new Native();
    const { gate } = this.sockets;
    const power = new BoardPower(native);
    this.power = new OrderlyPower(power, gate);
    // Whoever gives up cannot wait: there is no event loop any more.
    installAbortHook(this.values, power);
    this.listener = new BoardListener(this.sockets.onAccessPoint, networkThread(native));
    this.random = new BoardRandom(native);
    this.scram = scramOf(this.random);
    this.memory = new BoardMemory(native);
    this.radio = new OrderlyRadio(new BoardRadio(native, this.clock), gate);
    this.updater = new BoardUpdater(native);
    const limits = { window: WINDOW, payloadBytesMax: READING_BYTES_MAX };
    const flash = new BoardFlash(OUTBOX_PARTITION);
    this.outbox = mountFlashOutbox(flash, limits, boardCrc32(native));
  }

  alarm(ring: () => void): Alarm {
    return new BoardAlarm(this.clock, ring);
  }

  networks(credentials: TlsCredentials): Record<Scheme, Network> {
    return boardNetworks(credentials, this.random, this.clock, this.sockets.onStation);
  }

  bus(sda: number, scl: number): BoardI2CBus {
    return new BoardI2CBus(sda < 0 ? this.pins.sda : sda, scl < 0 ? this.pins.scl : scl);
  }

  light(pin: number): Light {
    return boardLight(pin < 0 ? this.pins.ledPin : pin);
  }

  button(pin: number): Button {
    return boardButton(pin < 0 ? this.pins.buttonPin : pin);
  }

  routes(model: PortalModel): RequestHandler {
    return new Routes(model, pageResources(), [SET_UP_HOST]);
  }
}
