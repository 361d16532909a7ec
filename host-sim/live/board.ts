/**
 * One simulated board on the host: every port that a device asks for, with a BME280 at register
 * level in weather of its own. Boards share nothing.
 */
import type { DevicePorts } from '../../firmware/device.ts';
import { mountFlashOutbox } from '../../firmware/outbox/flash-outbox.ts';
import type { Outbox } from '../../firmware/outbox/outbox.ts';
import type { Flash, ResetReason } from '../../firmware/ports.ts';
import { Bme280 } from '../../firmware/sensors/bme280.ts';
import { Bme280Chip } from '../chips/bme280-chip.ts';
import { weather } from '../chips/curves.ts';
import { LiveAlarm } from './alarm.ts';
import { LiveClock } from './clock.ts';
import { LiveMemory } from './memory.ts';
import { liveNetworks, type NetworkObserver, type TlsIdentity } from './network.ts';
import { LivePower } from './power.ts';
import { LiveRandom } from './random.ts';
import { LiveWiFi } from './wifi.ts';

const MINUTE_MS = 60_000;
/** The longest values of one reading, as bytes of JSON. */
const PAYLOAD_BYTES_MAX = 512;

/** What differs from board to board, and from boot to boot. */
export interface BoardMake {
  readonly id: string;
  readonly identity: TlsIdentity;
  readonly observer: NetworkObserver;
  /** Mounted from the board's flash: what earlier boots left unsent is in it. */
  readonly outbox: Outbox;
  readonly resetReason: ResetReason;
  /** Called when the device asks for a restart. */
  readonly restart: () => void;
}

/** Mounts what the flash holds. @param window records in flight per lane */
export function liveOutbox(flash: Flash, window: number): Outbox {
  return mountFlashOutbox(flash, { window, payloadBytesMax: PAYLOAD_BYTES_MAX });
}

export function liveBoard(make: BoardMake): DevicePorts {
  const clock = new LiveClock();
  // The weather follows the time of day where the host is.
  const dayMs = Date.now() - new Date().getTimezoneOffset() * MINUTE_MS - clock.now();
  const chip = new Bme280Chip(weather(seedOf(make.id)), () => dayMs + clock.now());
  return {
    clock,
    alarm: (ring) => new LiveAlarm(clock, ring),
    random: new LiveRandom(),
    networks: liveNetworks(make.identity, make.observer),
    wifi: new LiveWiFi(),
    power: new LivePower(make.resetReason, make.restart),
    memory: new LiveMemory(),
    sensors: [{ name: 'bme280', sensor: new Bme280(chip) }],
    outbox: make.outbox,
  };
}

/** The same id has the same weather each time. */
export function seedOf(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}
