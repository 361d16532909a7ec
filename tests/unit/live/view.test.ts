/** The views: pure drawing, and the lines for logs and programs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBoard } from '../../../host-sim/fleet/fleet.ts';
import { JsonView } from '../../../host-sim/view/json-view.ts';
import type { Board, FleetModel } from '../../../host-sim/view/model.ts';
import { PlainView } from '../../../host-sim/view/plain-view.ts';
import { render } from '../../../host-sim/view/render.ts';
import { cut, duration, palette, sparkline } from '../../../host-sim/view/text.ts';

const plain = palette(false);
const ESCAPE = '\u001b';

function board(id: string, change: Partial<Board> = {}): Board {
  const values = [
    { name: 'temperature', unit: '°C', decimals: 2, value: 21.4 },
    { name: 'humidity', unit: '%', decimals: 1, value: 44.1 },
  ];
  const counters = {
    accepted: 9,
    published: 8,
    acknowledged: 7,
    dropped: 0,
    reconnects: 1,
    waiting: 2,
  };
  const online = { state: 'online', online: true, version: '5.0' as const };
  return { ...newBoard(id), ...online, values, counters, history: [21, 21.4], ...change };
}

function model(boards: Board[], change: Partial<FleetModel> = {}): FleetModel {
  return {
    id: 'sim',
    hasButton: false,
    broker: 'mqtt://127.0.0.1:1883',
    watch: "mosquitto_sub -h 127.0.0.1 -p 1883 -t 'mote/#' -v",
    boards,
    startedAtMs: 0,
    problem: '',
    phase: 'running',
    ...change,
  };
}

function draw(fleet: FleetModel, columns = 100, rows = 24): string[] {
  return render(fleet, { columns, rows, palette: plain }, 83_000);
}

test('one board is drawn with its state, broker, uptime, values and counters', () => {
  const lines = draw(model([board('sim')]));
  assert.equal(lines[0], 'sim  online · MQTT 5.0  up 00:01:23  mqtt://127.0.0.1:1883');
  assert.equal(lines[2], '  temperature   21.40 °C    ▁█');
  assert.equal(lines[3], '  humidity      44.1 %');
  const counters = 'accepted 9  published 8  acknowledged 7  waiting 2  dropped 0  reconnects 1';
  assert.equal(lines[5], `  ${counters}`);
  assert.match(lines[6], /mosquitto_sub -h 127\.0\.0\.1 -p 1883/);
});

test('long names of values widen their column', () => {
  const values = [
    { name: 'temperature_2_min', unit: '°C', decimals: 2, value: 21.4 },
    { name: 'humidity', unit: '%', decimals: 1, value: 44.1 },
  ];
  const lines = draw(model([board('sim', { values })]));
  assert.equal(lines[2], '  temperature_2_min 21.40 °C    ▁█');
  assert.equal(lines[3], '  humidity          44.1 %');
});

test('a fleet is drawn as a table with those that are not online first, and totals', () => {
  const boards = Array.from({ length: 30 }, (_, index) => board(`sim-${index}`));
  boards[20] = board('sim-20', { state: 'waiting', online: false, reason: 'it was reset' });
  const lines = draw(model(boards));
  assert.match(lines[0], /29 of 30 online · MQTT 5\.0/);
  assert.match(lines[2], /^ {2}sim-20 +waiting +7 {2}it was reset/);
  assert.match(lines[3], /^ {2}sim-0 +online/);
  assert.ok(lines.includes('  and 18 more'));
  assert.ok(lines.some((line) => line.includes('accepted 270')));
});

test('no line is wider than the terminal and there is room for the cursor, at every size', () => {
  const boards = Array.from({ length: 40 }, (_, index) => board(`sim-${index}`));
  for (const fleet of [model([board('sim')]), model(boards, { problem: 'x'.repeat(300) })]) {
    for (const [columns, rows] of [
      [1, 1],
      [20, 5],
      [60, 12],
      [200, 60],
    ]) {
      const lines = draw(fleet, columns, rows);
      assert.ok(lines.length <= Math.max(1, rows - 1), `${lines.length} lines in ${rows} rows`);
      for (const line of lines) assert.ok([...line].length <= columns);
    }
  }
});

test('a board without values says so', () => {
  assert.ok(draw(model([board('sim', { values: [], history: [] })])).includes('  no values yet'));
});

test('the last picture does not offer a key that works no more', () => {
  const lines = draw(model([board('sim')], { phase: 'over' }));
  assert.match(lines[0], /^sim {2}stopped/);
  assert.ok(!lines.some((line) => line.includes('stops')));
});

test('the keys that do something are named, and the button only where there is one', () => {
  const foot = (change: Partial<FleetModel>) => draw(model([board('sim')], change)).at(-1)!;
  assert.match(foot({}), /q stops/);
  assert.doesNotMatch(foot({}), /button/);
  assert.match(foot({ hasButton: true }), /q stops {3}b, B press the button/);
});

test('what came from a peer cannot move the cursor', () => {
  const lines = draw(model([board('sim')], { problem: `${ESCAPE}[2Jgone\r\n` }));
  assert.ok(lines.every((line) => !line.includes(ESCAPE) && !line.includes('\r')));
});

test('without colour there is no escape sequence, with colour cutting keeps them whole', () => {
  assert.ok(draw(model([board('sim')])).every((line) => !line.includes(ESCAPE)));
  const coloured = palette(true).good('abcdef');
  assert.equal(cut(coloured, 3), `${ESCAPE}[32mabc${ESCAPE}[0m`);
  assert.equal(cut(coloured, 6), coloured);
});

test('durations show days only where there are any', () => {
  assert.equal(duration(0), '00:00:00');
  assert.equal(duration(90_061_999), '1d 01:01:01');
});

test('a sparkline spans its values, and noise below the resolution stays flat', () => {
  assert.equal(sparkline([0, 1, 2, 7], 1), '▁▂▃█');
  assert.equal(new Set(sparkline([1, 1.01, 1], 1)).size, 1);
  assert.equal(sparkline([], 1), '');
});

function capture() {
  const lines: string[] = [];
  return { lines, write: (line: string) => lines.push(line) };
}

test('each JSON line has event, device and at, and the summary adds all devices up', () => {
  const out = capture();
  const fleet = model([board('sim-001'), board('sim-002')]);
  const view = new JsonView(fleet, out, capture(), false);
  view.connected(fleet.boards[0], true);
  view.published(fleet.boards[0], 'mote/sim-001/telemetry', 42);
  view.disconnected(fleet.boards[1], 'it was reset');
  view.finished();
  const events = out.lines.map((line) => JSON.parse(line));
  for (const event of events) assert.equal(new Date(event.at).toISOString(), event.at);
  const shown = events.map(({ at: _at, ...rest }) => rest);
  assert.deepEqual(shown, [
    { event: 'connected', device: 'sim-001', version: '5.0', sessionPresent: true },
    { event: 'published', device: 'sim-001', topic: 'mote/sim-001/telemetry', sequence: 42 },
    { event: 'disconnected', device: 'sim-002', reason: 'it was reset' },
    {
      event: 'summary',
      device: 'sim',
      accepted: 18,
      published: 16,
      acknowledged: 14,
      dropped: 0,
      reconnects: 2,
      waiting: 4,
    },
  ]);
});

test('quiet JSON is the summary alone', () => {
  const out = capture();
  const fleet = model([board('sim')]);
  const view = new JsonView(fleet, out, capture(), true);
  view.connected(fleet.boards[0], false);
  view.finished();
  assert.deepEqual(
    out.lines.map((line) => JSON.parse(line).event),
    ['summary'],
  );
});

test('the plain log tells first values once, a loss once, and problems on the other output', () => {
  const out = capture();
  const err = capture();
  const fleet = model([board('sim')]);
  const [one] = fleet.boards;
  const view = new PlainView(fleet, out, err, false);
  view.brokerNamed();
  view.connected(one, false);
  view.sampled(one);
  view.sampled(one);
  view.disconnected(one, 'it was reset');
  view.disconnected(one, 'nothing listens');
  view.problem('cannot reach it; retrying');
  view.finished();
  assert.match(out.lines[0], /^sim: broker mqtt:\/\/127\.0\.0\.1:1883; watch it with: mosq/);
  assert.deepEqual(out.lines.slice(1), [
    'sim: connected, MQTT 5.0, new session',
    'sim: temperature 21.40 °C, humidity 44.1 %',
    'sim: connection lost: it was reset',
    'sim: summary: accepted 9, published 8, acknowledged 7, dropped 0, reconnects 1, waiting 2',
  ]);
  assert.deepEqual(err.lines, ['cannot reach it; retrying']);
});

test('of a big fleet the plain log tells the first boards, and when all are online', () => {
  const out = capture();
  const fleet = model(['a', 'b', 'c', 'd', 'e'].map((id) => board(id)));
  const view = new PlainView(fleet, out, capture(), false);
  for (const each of fleet.boards) view.connected(each, false);
  view.finished();
  const connected = out.lines.filter((line) => line.includes('connected'));
  assert.equal(connected.length, 3);
  assert.equal(out.lines.filter((line) => line.includes('all 5 devices are online')).length, 1);
});

test('a board that waits to be set up shows where, instead of values', () => {
  const setUp = { url: 'http://127.0.0.1:8080/', broker: 'mqtt://h', hint: 'Wi-Fi "Home"' };
  const lines = draw(model([board('sim', { online: false, state: 'set-up', setUp })]));
  assert.match(lines[2], /set-up page +http:\/\/127\.0\.0\.1:8080\//);
  assert.match(lines[3], /Wi-Fi "Home"/);
  assert.equal(
    lines.some((line) => line.includes('temperature')),
    false,
  );
});

test('the logs tell that a set-up page opened, and why it closed', () => {
  const setUp = { url: 'http://127.0.0.1:8080/', broker: 'mqtt://h', hint: 'Wi-Fi "Home"' };
  const out: string[] = [];
  const sink = { write: (line: string) => void out.push(line) };
  const one = board('sim', { setUp });
  const plainView = new PlainView(model([one]), sink, sink, true);
  const jsonView = new JsonView(model([one]), sink, sink, false);
  for (const view of [plainView, jsonView]) view.setUp(one, '');
  one.setUp = undefined;
  jsonView.setUp(one, 'the settings are saved');
  plainView.finished();
  assert.equal(out[0], 'sim: set-up page http://127.0.0.1:8080/ (Wi-Fi "Home")');
  assert.deepEqual(
    { ...JSON.parse(out[1]), at: '' },
    {
      ...{ event: 'set-up opened', device: 'sim', at: '' },
      ...setUp,
    },
  );
  const { event, reason } = JSON.parse(out[2]);
  assert.deepEqual([event, reason], ['set-up closed', 'the settings are saved']);
});
