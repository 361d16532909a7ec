/**
 * One simulated board on the host: every port that its firmware asks for, with sensor chips on a
 * bus in weather of their own. Boards share nothing.
 */

import type { MotePorts, TlsCredentials } from '../../firmware/mote/ports.ts';
import { READING_BYTES_MAX } from '../../firmware/mote/sensors.ts';
import { ScramSha256 } from '../../firmware/mqtt/scram/scram.ts';
import { OrderlyPower, OrderlyRadio } from '../../firmware/network/orderly.ts';
import { SocketGate } from '../../firmware/network/socket-gate.ts';
import { mountFlashOutbox } from '../../firmware/outbox/flash-outbox.ts';
import type { Outbox } from '../../firmware/outbox/outbox.ts';
import type { Flash, KeyValue, Network, Radio, Scheme } from '../../firmware/ports.ts';
import { Routes } from '../../firmware/provisioning/portal/routes.ts';
import type { TimeServer } from '../../firmware/time/time-service.ts';
import { boardBus } from '../chips/board-sensors.ts';
import { surroundings } from '../chips/curves.ts';
import { i2cSensors } from '../chips/one-wire-sensors.ts';
import { BOARDS, pinsOf } from '../esp32-tools/boards.ts';
import { type PacketListener, TappedNetwork } from '../packets/tapped-network.ts';
import { LiveAlarm } from './alarm.ts';
import type { LiveButton } from './button.ts';
import { LiveClock } from './clock.ts';
import { LiveDatagrams } from './datagrams.ts';
import { liveDigest } from './digest.ts';
import { SimulatedInputs } from './inputs.ts';
import { LiveLight } from './light.ts';
import { LiveListener } from './listener.ts';
import { LiveMemory } from './memory.ts';
import { liveNetworks, type NetworkObserver, type TlsIdentity } from './network.ts';
import { LivePower } from './power.ts';
import { hostRadio, LiveRadio } from './radio.ts';
import { LiveRandom } from './random.ts';
import { readPageResources } from './resources.ts';
import { liveTime } from './time.ts';

const MINUTE_MS = 60_000;

/** A simulated board has those of a plain ESP32. */
const PINS = Object.freeze(pinsOf(BOARDS[0]));

/** What differs from board to board, and from boot to boot. */
export interface BoardMake {
  readonly id: string;
  /** Undefined: the certificates come from the settings, and so does the network to join. */
  readonly identity: TlsIdentity | undefined;
  readonly observer: NetworkObserver;
  /** Hears each MQTT packet; undefined for nobody. */
  readonly packets?: PacketListener;
  /** Mounted from the board's flash: what earlier boots left unsent is in it. */
  readonly outbox: Outbox;
  readonly values: KeyValue;
  /** What is on its buses. */
  readonly sensors: readonly string[];
  /** Loopback port of the set-up page; 0 for any. */
  readonly setupPort: number;
  readonly setupBound: (port: number) => void;
  readonly setupFailed: (error: Error) => void;
  /** Who is asked for the time; undefined: the host's clock is taken to be right. */
  readonly timeServer?: TimeServer;
  /** Why it started, as the chip tells it. */
  readonly resetCode: number;
  readonly button: LiveButton;
  /** Called when the firmware asks for a restart. */
  readonly restart: () => void;
}

/** Mounts what the flash holds. @param window records in flight per lane */
export function liveOutbox(flash: Flash, window: number): Outbox {
  return mountFlashOutbox(flash, { window, payloadBytesMax: READING_BYTES_MAX });
}

export function liveBoard(make: BoardMake): MotePorts {
  const { id, identity, observer, packets, setupPort, setupBound, setupFailed, timeServer } = make;
  const clock = new LiveClock(timeServer === undefined);
  // The weather follows the time of day where the host is.
  const dayMs = Date.now() - new Date().getTimezoneOffset() * MINUTE_MS - clock.now();
  const now = () => dayMs + clock.now();
  const weather = surroundings(seedOf(id));
  const hosts: string[] = [];
  const bound = (port: number) => {
    hosts.splice(0, hosts.length, `127.0.0.1:${port}`, `localhost:${port}`);
    setupBound(port);
  };
  const random = new LiveRandom();
  const gate = new SocketGate(clock, (ring) => new LiveAlarm(clock, ring));
  return {
    clock,
    alarm: (ring) => new LiveAlarm(clock, ring),
    random,
    scram: (user, password) => {
      return new ScramSha256({ digest: liveDigest, random, user, password });
    },
    networks: (credentials) => {
      const networks = liveNetworks(identity ?? identityOf(credentials), {
        observer,
        gate,
        now: () => (clock.quality() === 'none' ? undefined : clock.wall()),
      });
      return packets === undefined ? networks : heard(networks, packets);
    },
    radio: new OrderlyRadio(radioOf(make, clock), gate),
    power: new OrderlyPower(new LivePower(make.resetCode, make.restart), gate),
    memory: new LiveMemory(),
    values: make.values,
    bus: () => boardBus(i2cSensors(make.sensors), weather, now),
    inputs: new SimulatedInputs(now, weather, make.sensors),
    outbox: make.outbox,
    listener: new LiveListener({ port: setupPort, bound, failed: setupFailed, gate }),
    datagrams: new LiveDatagrams({ port: 0, gate }),
    time: timeServer && liveTime(clock, timeServer),
    pins: PINS,
    light: () => new LiveLight(),
    button: () => make.button,
    routes: (model) => new Routes(model, readPageResources(), hosts),
  };
}

/** The host's own network stands for the radio's, unless the board is to be set up. */
function radioOf({ id, identity }: BoardMake, clock: LiveClock): Radio {
  const seed = seedOf(id);
  const mac = new Uint8Array([0x02, 0x4d, seed >>> 24, seed >>> 16, seed >>> 8, seed]);
  return identity === undefined ? new LiveRadio({ mac, clock }) : hostRadio(mac, clock);
}

/** The same networks, with a listener to what goes by. */
function heard({ mqtt, mqtts, ws, wss }: Record<Scheme, Network>, listener: PacketListener) {
  const tap = (network: Network) => new TappedNetwork(network, listener);
  return { mqtt: tap(mqtt), mqtts: tap(mqtts), ws: tap(ws), wss: tap(wss) };
}

function identityOf({ ca, certificate, key }: TlsCredentials): TlsIdentity {
  const text = (pem: Uint8Array) => (pem.length === 0 ? undefined : Buffer.from(pem).toString());
  // A board has the authorities of its settings, and no others.
  return { ca: text(ca) ?? '', cert: text(certificate), key: text(key) };
}

/** The same id has the same weather each time. */
export function seedOf(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}
