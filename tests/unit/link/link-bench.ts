/** A supervisor on a bench: virtual time, and shortcuts that walk it into a state. */
import assert from 'node:assert/strict';
import type { SupervisorOptions } from '../../../firmware/link/supervisor-options.ts';
import { LoneSupervisor } from '../../support/lone.ts';
import { greatest } from './dice.ts';

export class Bench {
  now = 1_000;
  readonly link: LoneSupervisor;

  constructor(options: Partial<SupervisorOptions> = {}) {
    const configured = { host: 'home', port: 1883, random: greatest, redirects: 'all' } as const;
    this.link = new LoneSupervisor({ ...configured, ...options });
  }

  /** Every action that is due, in order. */
  actions(): string[] {
    const taken: string[] = [];
    for (let action = this.link.nextAction(); action !== 'none'; action = this.link.nextAction()) {
      taken.push(action);
    }
    return taken;
  }

  after(ms: number): number {
    this.now += ms;
    return this.now;
  }

  /** Jumps to the deadline and wakes; returns how long that was. */
  wake(): number {
    const waited = this.link.deadline() - this.now;
    assert.ok(Number.isFinite(waited) && waited >= 0, `no deadline in ${this.link.state}`);
    this.now += waited;
    this.link.wake(this.now);
    return waited;
  }

  /** Lets the backoff pass. */
  wait(): void {
    while (this.link.state === 'offline') this.wake();
  }

  resolving(): this {
    this.link.start(this.now);
    this.wait();
    this.link.wifiJoined(this.now);
    this.wait();
    assert.equal(this.link.state, 'resolving');
    this.actions();
    return this;
  }

  connecting(): this {
    if (this.link.state !== 'resolving') this.resolving();
    this.link.resolved('192.0.2.1', this.now);
    this.actions();
    return this;
  }

  handshaking(): this {
    this.connecting().link.opened(this.now);
    this.actions();
    return this;
  }

  online(): this {
    this.handshaking().link.connected(this.now, false);
    this.actions();
    return this;
  }

  /** How long until the next attempt, as it stands. */
  delay(): number {
    assert.equal(this.link.state, 'offline');
    return this.link.deadline() - this.now;
  }
}
