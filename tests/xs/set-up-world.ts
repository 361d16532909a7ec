/**
 * The smallest world in which a whole board can be set up, for the XS engine: a radio, a phone that
 * asks for pages and posts forms, and a broker that accepts every sign-in. It allocates little, so
 * that the heap of the machine is the firmware's.
 *
 * Invariant: no port calls its handler from inside the call that it answers.
 */

import { asciiBytes } from '../../firmware/base/ascii.ts';
import { Mote } from '../../firmware/mote/mote.ts';
import type { MotePorts } from '../../firmware/mote/ports.ts';
import type {
  Alarm,
  Listening,
  Network,
  Transport,
  TransportHandler,
  WiFi,
} from '../../firmware/ports.ts';
import { type PageResources, Routes } from '../../firmware/provisioning/portal/routes.ts';
import { openMemoryOutbox } from '../support/memory-outbox.ts';
import { ScriptedBroker } from './device-world.ts';

const EPOCH_MS = 1_735_689_600_000;
const SSID = asciiBytes('home');
/** What a phone takes at once. */
const ROOM_BYTES = 1460;

/** One request of a phone, and what came of it. */
export class Request implements Transport {
  /** Bytes of the answer, head included. */
  answered = 0;
  isOver = false;
  private readonly parts: readonly Uint8Array[];
  private part = 0;
  private sent = 0;
  private room = ROOM_BYTES;
  private readonly status = new Uint8Array(3);

  /** @param parts its bytes; one that stands in it many times takes its room once */
  constructor(parts: readonly Uint8Array[]) {
    this.parts = parts;
  }

  get code(): number {
    return this.status.reduce((code, digit) => code * 10 + digit - 48, 0);
  }

  read(into: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.part < this.parts.length) {
      const bytes = this.parts[this.part];
      while (at < end && this.sent < bytes.length) into[at++] = bytes[this.sent++];
      if (this.sent < bytes.length) break;
      this.part += 1;
      this.sent = 0;
    }
    return at - start;
  }

  write(from: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.room, end - start);
    // "HTTP/1.1 200"
    for (let i = 0; i < count; i++) {
      const at = this.answered + i - 9;
      if (at >= 0 && at < 3) this.status[at] = from[start + i];
    }
    this.room -= count;
    this.answered += count;
    return count;
  }

  /** The phone has taken what came. */
  takeAll(): void {
    this.room = ROOM_BYTES;
  }

  close(): void {
    this.isOver = true;
  }
}

export class SetUpWorld {
  readonly mote: Mote;
  now = 0;
  restarts = 0;
  /** The Wi-Fi refuses the password. */
  isRefused = false;
  private readonly alarms: { at: number; readonly ring: () => void }[] = [];
  private readonly tasks: (() => void)[] = [];
  private readonly broker = new ScriptedBroker();
  private accept: ((transport: Transport) => TransportHandler | undefined) | undefined;
  private brokerHandler: TransportHandler | undefined;

  constructor(resources: PageResources) {
    const nothing = (): void => {};
    this.setAside();
    this.mote = new Mote(
      this.ports(resources),
      { firmwareVersion: '0.1.0' },
      {
        connected: nothing,
        published: nothing,
        acknowledged: nothing,
        disconnected: nothing,
        stopped: nothing,
      },
    );
    this.mote.start();
  }

  /** Does this from the event loop. */
  post(task: () => void): void {
    this.tasks.push(task);
  }

  /** Runs for so long. */
  run(ms: number): void {
    const until = this.now + ms;
    while (this.step(until));
    this.now = until;
  }

  /** A phone asks, and reads the answer to its end. */
  ask(...parts: readonly Uint8Array[]): Request {
    const request = new Request(parts);
    const handler = this.accept?.(request);
    if (handler === undefined) throw new Error('nobody listens');
    handler.readable();
    for (let i = 0; i < 200 && !request.isOver; i++) {
      request.takeAll();
      handler.writable();
      this.run(1);
    }
    if (!request.isOver) throw new Error('no end of the answer');
    return request;
  }

  /** Slots of the stack that the world takes under the firmware. */
  stackBase = 0;

  private setAside(): void {
    this.alarms.push({
      at: 0,
      ring: () => {
        this.stackBase = engine.stackPeak();
      },
    });
    this.run(1);
  }

  private step(until: number): boolean {
    const task = this.tasks.shift();
    if (task !== undefined) {
      task();
      return true;
    }
    if (this.broker.hasAnswer && this.brokerHandler !== undefined) {
      this.brokerHandler.readable();
      return true;
    }
    let next = this.alarms[0];
    for (const alarm of this.alarms) if (alarm.at < next.at) next = alarm;
    if (next.at > until) return false;
    this.now = Math.max(this.now, next.at);
    next.at = Number.POSITIVE_INFINITY;
    next.ring();
    return true;
  }

  private alarm(ring: () => void): Alarm {
    const alarm = { at: Number.POSITIVE_INFINITY, ring };
    this.alarms.push(alarm);
    return {
      set: (at) => {
        alarm.at = at;
      },
      clear: () => {
        alarm.at = Number.POSITIVE_INFINITY;
      },
    };
  }

  private station(): WiFi {
    return {
      join: (handler) => {
        this.tasks.push(() => {
          if (this.isRefused) handler.failed('password refused');
          else handler.joined();
        });
      },
      leave: () => {},
      link: () => undefined,
    };
  }

  private network(): Network {
    return {
      resolve: (_host, done) => {
        this.tasks.push(() => done('10.0.0.1'));
        return { cancel() {} };
      },
      connect: (_target, handler) => {
        this.brokerHandler = handler;
        this.tasks.push(() => handler.opened());
        return this.broker;
      },
    };
  }

  private ports(resources: PageResources): MotePorts {
    const values = new Map<string, Uint8Array>();
    const network = this.network();
    const networks = { mqtt: network, mqtts: network, ws: network, wss: network };
    return {
      clock: { now: () => this.now, wall: () => EPOCH_MS + this.now, quality: () => 'sync' },
      alarm: (ring) => this.alarm(ring),
      random: { below: () => 0 },
      radio: {
        mac: Uint8Array.of(0x24, 0x6f, 0x28, 0x0a, 0x1b, 0x2c),
        station: () => this.station(),
        scan: (done) => {
          this.tasks.push(() => done([{ ssid: SSID, rssi: -50, channel: 6, secure: true }]));
          return { cancel() {} };
        },
        openAccessPoint: (_settings, handler) => {
          this.tasks.push(() => handler.opened());
        },
        closeAccessPoint: () => {},
      },
      power: {
        resetReason: 'power on',
        restart: () => {
          this.restarts += 1;
        },
      },
      memory: { freeBytes: () => 50_000, freeBytesMin: () => 40_000 },
      values: {
        get: (key) => values.get(key),
        set: (key, value) => values.set(key, value.slice()),
        remove: (key) => values.delete(key),
      },
      outbox: openMemoryOutbox({ bytes: 4096, window: 8 }),
      listener: { listen: (port, accept) => this.listen(port, accept) },
      datagrams: { bind: (port) => ({ port, send() {}, close() {} }) },
      pins: {
        sda: 2,
        scl: 3,
        ledPin: -1,
        buttonPin: -1,
        model: 'ESP32-C3',
        uses: 'bbbbbbbbbbbb------bbbb',
      },
      light: () => ({ set() {} }),
      button: () => ({ isHeld: false }),
      networks: () => networks,
      bus: () => {
        throw new Error('there is no bus');
      },
      inputs: {
        analog: noPin,
        digital: noPin,
        pulses: noPin,
        oneWire: noPin,
      },
      routes: (model) => new Routes(model, resources, ['192.168.4.1']),
    };
  }

  private listen(port: number, accept: NonNullable<SetUpWorld['accept']>): Listening {
    this.accept = accept;
    return {
      port,
      close: () => {
        this.accept = undefined;
      },
    };
  }
}

function noPin(): never {
  throw new Error('there are no pins');
}
