/** What a whole board needs of the world, beside what its device needs; and what it tells. */

import type { DeviceConfig } from '../device/config.ts';
import type { DeviceObserver, DevicePorts } from '../device/ports.ts';
import type {
  Alarm,
  Button,
  Cancel,
  Clock,
  Datagrams,
  KeyValue,
  Light,
  Listener,
  Memory,
  Network,
  Power,
  Radio,
  Random,
  Scheme,
  SettableClock,
} from '../ports.ts';
import type { RequestHandler } from '../provisioning/http/request.ts';
import type { PortalModel } from '../provisioning/model.ts';
import type { OneWirePins } from '../sensors/drivers/ds18b20-names.ts';
import type { PinInputs } from '../sensors/pin-sensors.ts';
import type { I2CBus } from '../sensors/sensor.ts';
import type { TimeServer } from '../time/time-service.ts';

/** Certificates to trust and to show, as PEM; each may be empty. */
export interface TlsCredentials {
  readonly ca: Uint8Array;
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

/** The board's pins: -1 where it has none for it. */
export interface BoardPins {
  /** What the board is, for people: `ESP32-C3`. */
  readonly model: string;
  readonly sda: number;
  readonly scl: number;
  readonly ledPin: number;
  readonly buttonPin: number;
  /** A letter for each GPIO, from 0: `b` reads and drives, `i` only reads, `-` is not to be used. */
  readonly uses: string;
}

/** The world, as one board needs it. */
export interface MotePorts {
  readonly clock: Clock;
  /** Makes an alarm: one for the device, and one for what is around it. */
  alarm(ring: () => void): Alarm;
  readonly random: Random;
  readonly scram?: DevicePorts['scram'];
  readonly radio: Radio;
  readonly power: Power;
  readonly memory: Memory;
  readonly values: KeyValue;
  readonly outbox: DevicePorts['outbox'];
  readonly listener: Listener;
  readonly datagrams: Datagrams;
  readonly pins: BoardPins;
  /** @param pin -1: the board's own; a board without a light or a button has one that does nothing */
  light(pin: number): Light;
  button(pin: number): Button;
  /** The ways to reach a broker: whatever the page offers can be tried. */
  networks(credentials: TlsCredentials): Record<Scheme, Network>;
  /** The I2C bus at these pins; -1: the board's own. */
  bus(sda: number, scl: number): I2CBus;
  /** Pins, for the sensors that the settings name by their pin. */
  readonly inputs: PinInputs & OneWirePins;
  /** The pages of the set-up network. */
  routes(model: PortalModel): RequestHandler;
  /** How the time is learnt; undefined for a clock that is right by itself. */
  readonly time?: TimePorts;
}

/** What a board needs to learn the time. */
export interface TimePorts {
  /** The board's clock. */
  readonly clock: SettableClock;
  /** Looks a name up; the address is empty when there is none. */
  resolve(host: string, done: (address: string) => void): Cancel;
  /** Asked in place of the server in the settings. */
  readonly server?: TimeServer;
}

/** What differs from board to board, and does not come from its settings. */
export interface MoteMake {
  readonly firmwareVersion: string;
  /** Settings from somewhere else than the board's own store: it is not set up, and goes to work. */
  readonly config?: Partial<DeviceConfig>;
  /** Names of sensors, in place of those in the board's own settings. */
  readonly sensors?: string;
}

/** Told what the board does; for a simulator's view and a serial log. */
export interface MoteObserver extends DeviceObserver {
  /** The set-up network is open. */
  setUpOpened?(network: { readonly name: string; readonly password: string; qr: string }): void;
  /** Settings from afar were tried. @param problem stage and failure; empty: they are saved */
  settingsTried?(problem: string): void;
  /** The set-up network is closed; `reason` in words. */
  setUpClosed?(reason: string): void;
}
