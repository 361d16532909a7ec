/** The portal's part of the radio: scans, the set-up network's channel, and tries of the saved Wi-Fi. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines } from '../../../../firmware/base/deadlines.ts';
import type { AccessPointHandler, FoundNetwork, WiFiHandler } from '../../../../firmware/ports.ts';
import { PortalRadio } from '../../../../firmware/provisioning/portal/radio.ts';

const ssid = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const found = (name: string, channel = 1): FoundNetwork => ({
  ...{ ssid: ssid(name), channel, rssi: -50, secure: true },
});

/** A radio that a test answers for, and a clock that it moves. */
class Bench {
  now = 1000;
  readonly deeds: string[] = [];
  /** What `random.below` was asked, and what it gives. */
  drawn: (below: number) => number = () => 0;
  answer: (networks: readonly FoundNetwork[]) => void = () => assert.fail();
  station: WiFiHandler | undefined;
  phones: AccessPointHandler | undefined;
  readonly radio: PortalRadio;
  private readonly deadlines = new Deadlines(8);

  constructor(savedAfterMs?: number, hasSaved = true) {
    const { deeds } = this;
    const tell = (deed: string) => () => void deeds.push(deed);
    const saved = {
      join: (handler: WiFiHandler) => {
        this.station = handler;
        deeds.push('join');
      },
      leave: tell('leave'),
      link: () => undefined,
    };
    this.radio = new PortalRadio({
      clock: { now: () => this.now, wall: () => 0, quality: () => 'none' },
      random: { below: (below) => this.drawn(below) },
      radio: {
        mac: new Uint8Array(6),
        station: () => assert.fail(),
        scan: (done) => {
          this.answer = done;
          deeds.push('scan');
          return { cancel: tell('cancel') };
        },
        openAccessPoint: (settings, handler) => {
          this.phones = handler;
          deeds.push(`open ${settings.ssid} ${settings.password} ${settings.channel}`);
        },
        closeAccessPoint: tell('close'),
      },
      saved: hasSaved ? saved : undefined,
      savedAfterMs,
      deadlines: this.deadlines,
      title: 'Mote',
      password: 'secret',
      scanned: tell('scanned'),
      opened: tell('opened'),
      rejoined: tell('rejoined'),
      changed: tell('changed'),
    });
  }

  /** Scanned nothing, and the set-up network is open. */
  static open(savedAfterMs?: number, hasSaved = true): Bench {
    const bench = new Bench(savedAfterMs, hasSaved);
    bench.radio.start();
    bench.answer([]);
    bench.radio.open(ssid('home'));
    bench.deeds.length = 0;
    return bench;
  }

  /** Time passes; the radio is woken whenever it asks for it. @returns what it did */
  pass(ms: number): string[] {
    const end = this.now + ms;
    for (;;) {
      const due = Math.min(...this.deadlines.at);
      if (due > end) break;
      this.now = Math.max(this.now, due);
      this.radio.wake(this.now);
    }
    this.now = end;
    return this.deeds.splice(0);
  }
}

test('it scans first, for eight seconds at most, and is then ready to open', () => {
  const bench = new Bench();
  bench.radio.start();
  assert.deepEqual(bench.pass(7999), ['scan']);
  assert.deepEqual(bench.pass(1), ['cancel', 'scanned', 'changed']);
  assert.deepEqual(bench.radio.networks, []);
});

test('the set-up network is opened on the channel of the one that was chosen, or else on 6', () => {
  for (const [name, channel] of [
    ['home', 11],
    ['other', 6],
  ] as const) {
    const bench = new Bench();
    bench.radio.start();
    bench.answer([found('near'), found('home', 11)]);
    assert.equal(bench.radio.wouldMove(ssid('home')), false, 'it is not open');
    bench.deeds.length = 0;
    bench.radio.open(ssid(name));
    assert.deepEqual(bench.deeds, [`open Mote secret ${channel}`]);
    assert.equal(bench.radio.wouldMove(ssid(name)), false);
    assert.equal(bench.radio.wouldMove(ssid('unknown')), false);
    assert.equal(bench.radio.wouldMove(ssid('near')), true);
    bench.radio.open(ssid('near'));
    assert.equal(bench.deeds.at(-1), 'open Mote secret 1');
    bench.radio.open(ssid('unknown'));
    assert.equal(bench.deeds.at(-1), 'open Mote secret 1', 'it stays where it is');
  }
});

test('24 networks with names are kept, and an empty scan forgets none', () => {
  const bench = Bench.open();
  bench.pass(60_000);
  const all = Array.from({ length: 30 }, (_, i) => found(`n${i}`));
  bench.answer([found(''), ...all]);
  assert.deepEqual(bench.radio.networks, all.slice(0, 24));
  bench.answer([found('')]);
  assert.equal(bench.radio.networks.length, 24);
});

test('the list is renewed a minute after the last, while no phone is on and the page is not in use', () => {
  const bench = Bench.open(0, false);
  assert.deepEqual(bench.pass(59_999), []);
  assert.deepEqual(bench.pass(1), ['scan']);
  bench.answer([]);
  assert.deepEqual(bench.pass(0), ['changed'], 'it is open already');
  bench.phones?.stations(1);
  assert.equal(bench.radio.phones, 1);
  assert.deepEqual(bench.pass(300_000), []);
  bench.phones?.stations(0);
  assert.deepEqual(bench.pass(60_000), ['scan']);
});

test('a scan that never ends is given up after eight seconds, and the next comes a minute later', () => {
  const bench = Bench.open(0, false);
  bench.pass(60_000);
  assert.deepEqual(bench.pass(8000), ['cancel', 'changed']);
  assert.deepEqual(bench.pass(59_999), []);
  assert.deepEqual(bench.pass(1), ['scan']);
});

test('use of the page ends a scan, and none begins for two minutes', () => {
  const bench = Bench.open(0, false);
  bench.pass(60_000);
  bench.radio.use(bench.now);
  assert.deepEqual(bench.deeds.splice(0), ['cancel']);
  bench.radio.use(bench.now);
  assert.deepEqual(bench.pass(119_999), []);
  assert.deepEqual(bench.pass(10_000), ['scan']);
});

test('the saved network is tried as the set-up network opens, or so much later', () => {
  assert.deepEqual(Bench.open().pass(0), ['join']);
  const late = Bench.open(5000);
  assert.deepEqual(late.pass(4999), []);
  assert.deepEqual(late.pass(1), ['join']);
  assert.deepEqual(Bench.open(0, false).pass(50_000), []);
});

test('to move the set-up network does not begin a try', () => {
  const bench = Bench.open(50_000);
  bench.pass(40_000);
  bench.radio.open(ssid('home'));
  assert.deepEqual(bench.pass(9999), ['open Mote secret 6']);
  assert.deepEqual(bench.pass(1), ['join']);
});

test('a try has thirty seconds, and no scan comes between; one that succeeds is told', () => {
  const bench = Bench.open(40_000);
  assert.deepEqual(bench.pass(40_000), ['join']);
  assert.deepEqual(bench.pass(29_999), [], 'the list is due, and waits');
  assert.deepEqual(bench.pass(1), ['leave', 'changed']);
  const other = Bench.open();
  other.pass(0);
  other.station?.joined();
  assert.deepEqual(other.deeds, ['rejoined']);
});

test('tries that fail are 2.5 to 5 seconds apart, then twice as far each time, a minute at most', () => {
  for (const isLong of [false, true]) {
    const bench = Bench.open();
    bench.drawn = (below) => (isLong ? below - 1 : 0);
    bench.pass(0);
    for (const space of [5000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      bench.station?.failed('lost');
      assert.deepEqual(bench.deeds.splice(0), ['changed']);
      const wait = isLong ? space : space / 2;
      // Scans are not looked at here.
      bench.radio.phones = 1;
      assert.deepEqual(bench.pass(wait - 1), [], `${space}`);
      assert.deepEqual(bench.pass(1), ['join'], `${space}`);
    }
  }
});

test('use of the page ends a try, and the next waits until two minutes after', () => {
  const bench = Bench.open();
  bench.pass(0);
  bench.radio.use(bench.now);
  assert.deepEqual(bench.pass(119_999), ['leave']);
  bench.radio.phones = 1;
  assert.deepEqual(bench.pass(1), ['join']);
});

test('a try that falls into a scan waits for its end', () => {
  const bench = Bench.open(61_000);
  assert.deepEqual(bench.pass(60_000), ['scan']);
  assert.deepEqual(bench.pass(1000), []);
  assert.deepEqual(bench.pass(7000), ['cancel', 'changed', 'join']);
  const answered = Bench.open(61_000);
  answered.pass(61_500);
  answered.answer([]);
  assert.deepEqual(answered.pass(6499), ['changed']);
  assert.deepEqual(answered.pass(1), ['join']);
});

test('closed, it does nothing more, whatever it was about', () => {
  for (const before of [0, 60_000, 59_000]) {
    const bench = Bench.open(59_000);
    bench.pass(before);
    bench.radio.close();
    assert.equal(bench.deeds.splice(0).at(-1), 'close');
    assert.deepEqual(bench.pass(1_000_000), []);
  }
});
