/** A broker, a link that can fail, and devices on it, in virtual time. */

import assert from 'node:assert/strict';
import { VirtualBroker } from '../../host-sim/virtual/broker/broker.ts';
import type { Answer, BrokerSettings } from '../../host-sim/virtual/broker/settings.ts';
import { EventQueue } from '../../host-sim/virtual/event-queue.ts';
import { Internet } from '../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { FlowDevice, type FlowOptions } from './flow-device.ts';

export type Version = 4 | 5;
/** Every flow is tried in both: a test's title carries the clauses of both. */
export const VERSIONS: readonly Version[] = Object.freeze([4, 5] as const);
export const BROKER_ADDRESS = '10.0.0.1';

export class FlowWorld {
  readonly queue = new EventQueue();
  readonly random: SeededRandom;
  readonly internet: Internet;
  readonly broker: VirtualBroker;

  constructor(settings?: Partial<BrokerSettings>, seed = 7) {
    this.random = new SeededRandom(seed);
    this.internet = new Internet(this.queue);
    this.internet.name('broker.test', BROKER_ADDRESS);
    this.broker = new VirtualBroker(this.queue, this.random.fork('broker'), settings);
    this.broker.listen(this.internet, BROKER_ADDRESS);
  }

  /** A device that has not started. */
  device(options: FlowOptions = {}): FlowDevice {
    const { queue, internet } = this;
    const name = options.session?.clientId ?? 'mote';
    return new FlowDevice({ queue, internet, random: this.random.fork(name) }, options);
  }

  /** A device that is online, with its subscriptions in force. */
  online(options: FlowOptions = {}): FlowDevice {
    const device = this.device(options);
    device.connection.start();
    this.untilOnline(device);
    this.run(50);
    return device;
  }

  run(ms: number): void {
    this.queue.runFor(ms);
  }

  /** Runs until the device is online. */
  untilOnline(device: FlowDevice, limitMs = 600_000): void {
    this.until(() => device.isOnline, limitMs);
  }

  /** Runs until something holds; fails when it does not within `limitMs`. */
  until(goal: () => boolean, limitMs = 600_000): void {
    assert.ok(this.queue.runUntil(goal, this.queue.now + limitMs), `not within ${limitMs} ms`);
  }

  /** Resets the device's connections, and heals its link for the next one. */
  reset(device: FlowDevice): void {
    device.network.resetAll();
    device.network.change({ losesUp: false, losesDown: false });
    this.run(0);
    assert.notEqual(device.supervisor.state, 'online');
  }

  /** Once the broker is about to send such an answer, calls `act`; once. */
  before(kind: Answer['kind'], act: () => void): void {
    this.broker.misbehave({
      answer: (answer) => {
        if (answer.kind !== kind) return 'send';
        this.broker.behave();
        act();
        return 'send';
      },
    });
  }

  /** The payloads that the broker passed on, as text. */
  arrived(topic: string): string[] {
    return this.broker.books.payloadsOf(topic).map((payload) => Buffer.from(payload).toString());
  }

  /** Nothing that any client did was against the standard. */
  assertClean(): void {
    assert.deepEqual(
      this.broker.violations.map(({ rule, text }) => `${rule}: ${text}`),
      [],
    );
  }
}
