/** The port of a station, on a platform that is driven by hand. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnownAccessPoint } from '../../../firmware/wifi/station.ts';
import { StationPort } from '../../../firmware/wifi/station-port.ts';

const BSSID = '02:00:00:00:00:01';
const FIXED = { address: '10.0.0.9', netmask: '255.0.0.0', gateway: '10.0.0.1', dns: '10.0.0.1' };

class Bench {
  readonly calls: string[] = [];
  readonly told: string[] = [];
  canAsk = true;
  private nowMs = 0;
  private ring: () => void = () => {};
  private dueAt = Number.POSITIVE_INFINITY;
  readonly station = new StationPort(
    { ssid: Uint8Array.of(104), password: '', fixed: FIXED },
    this,
    {
      clock: { now: () => this.nowMs, wall: () => 0, quality: () => 'none' },
      alarm: (ring) => {
        this.ring = ring;
        return {
          set: (at) => {
            this.dueAt = at;
          },
          clear: () => {
            this.dueAt = Number.POSITIVE_INFINITY;
          },
        };
      },
      take: () => this.calls.push('take'),
    },
  );

  connect(_network: unknown, at: KnownAccessPoint | undefined): void {
    if (!this.canAsk) throw new Error('no such name');
    this.calls.push(at === undefined ? 'connect' : `connect ${at.bssid} on ${at.channel}`);
  }

  disconnect(): void {
    this.calls.push('disconnect');
  }

  address(fixed: { address: string } | undefined): void {
    this.calls.push(`address ${fixed?.address}`);
  }

  link(): { rssi: number; channel: number; bssid: string } {
    return { rssi: -60, channel: 11, bssid: BSSID };
  }

  join(): void {
    this.station.join({
      joined: () => this.told.push('joined'),
      failed: (reason) => this.told.push(reason),
    });
  }

  /** Time passes, and the alarm rings if it is due. */
  pass(ms: number): void {
    this.nowMs += ms;
    if (this.nowMs < this.dueAt) return;
    this.dueAt = Number.POSITIVE_INFINITY;
    this.ring();
  }
}

function joined(): Bench {
  const bench = new Bench();
  bench.join();
  bench.station.notified('connect', false);
  bench.station.notified('gotIP', false);
  return bench;
}

test('a station asks, sets its address once it is associated, and is joined once it has it', () => {
  const bench = joined();
  assert.deepEqual(bench.calls, ['take', 'connect', 'address 10.0.0.9']);
  assert.deepEqual(bench.told, ['joined']);
  assert.equal(bench.station.link()?.channel, 11);
});

test('a station that lost its network asks for the access point that it knows', () => {
  const bench = joined();
  bench.station.notified('disconnect', false);
  assert.deepEqual(bench.told, ['joined', 'lost']);
  assert.equal(bench.station.link(), undefined);
  bench.join();
  assert.equal(bench.calls.at(-1), 'connect 2,0,0,0,0,1 on 11');
});

test('a router that gives no address for 15 s is told, and the radio is let go', () => {
  const bench = new Bench();
  bench.join();
  bench.station.notified('connect', false);
  bench.pass(14_999);
  assert.deepEqual(bench.told, []);
  bench.pass(1);
  assert.deepEqual(bench.told, ['no address']);
  assert.equal(bench.calls.at(-1), 'disconnect');
});

test('a network that the platform cannot ask for is not found, told from the event loop', () => {
  const bench = new Bench();
  bench.canAsk = false;
  bench.join();
  assert.deepEqual(bench.told, []);
  bench.pass(0);
  assert.deepEqual(bench.told, ['not found']);
});

test('after it left, a station is told nothing, whatever the platform still says', () => {
  const bench = joined();
  bench.station.leave();
  bench.station.notified('disconnect', false);
  bench.station.notified('connect', false);
  bench.station.notified('gotIP', false);
  bench.pass(60_000);
  assert.deepEqual(bench.told, ['joined']);
});
