/** Commands by MQTT: what they do, what they refuse and in which words, and how many at a time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8, utf8Length, writeUtf8 } from '../../../firmware/base/utf8.ts';
import { type CommandResponse, CommandTable } from '../../../firmware/device/commands.ts';

function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
}

/** A table whose handler writes down what it is asked for; each command comes a minute later. */
class Bench {
  readonly done: string[] = [];
  prevented = '';
  now = 0;
  readonly table = new CommandTable({
    perform: (command, seconds, alarm) => {
      const given = [command, seconds > 0 ? `${seconds}` : '', alarm];
      this.done.push(given.filter((part) => part !== '').join(' '));
      return this.prevented;
    },
  });

  send(name: string, payload: unknown = '', isRetained = false): CommandResponse | undefined {
    this.now += 60_000;
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return this.table.take(name, utf8(text), isRetained, this.now);
  }

  /** The response as a subscriber reads it. */
  ask(name: string, payload?: unknown): Record<string, unknown> {
    const { payload: bytes } = this.send(name, payload) as CommandResponse;
    return JSON.parse(decodeUtf8(bytes, 0, bytes.length));
  }
}

test('a command without arguments needs no payload', () => {
  const bench = new Bench();
  for (const command of ['reboot', 'sample', 'diagnostics', 'setup', 'rediscover']) {
    assert.deepEqual(bench.ask(command), { command, ok: true });
    assert.deepEqual(bench.ask(command, {}), { command, ok: true });
  }
  assert.equal(
    bench.done.join(),
    'reboot,reboot,sample,sample,diagnostics,diagnostics,setup,setup,rediscover,rediscover',
  );
});

test('the request id comes back, also with an error', () => {
  const bench = new Bench();
  assert.deepEqual(bench.ask('sample', { id: 7 }), { command: 'sample', id: 7, ok: true });
  assert.deepEqual(bench.ask('sample', { id: '' }), { command: 'sample', id: '', ok: true });
  const id = '\u00e4'.repeat(32);
  assert.equal(bench.ask('nonsense', { id }).id, id);
  assert.equal(bench.send('forget', { id: 'x' })?.id, 'x');
});

test('an id that is neither a number nor a short text is refused, and nothing is done', () => {
  const bench = new Bench();
  for (const id of [null, true, {}, [], 'x'.repeat(65), '\u00e4'.repeat(33)]) {
    const { ok, error } = bench.ask('sample', { id });
    assert.deepEqual([ok, error], [false, 'id is no number and no short text']);
  }
  assert.equal(bench.ask('sample', '{"id":1e999}').ok, false);
  assert.deepEqual(bench.done, []);
});

test('interval needs its seconds, within the range', () => {
  const bench = new Bench();
  for (const seconds of [1, 30, 86_400])
    assert.equal(bench.send('interval', { seconds })?.ok, true);
  assert.deepEqual(bench.done, ['interval 1', 'interval 30', 'interval 86400']);
  for (const seconds of [0, -1, 1.5, 86_401, 1e300, '30', null, [30], {}]) {
    const { error } = bench.ask('interval', { seconds });
    assert.equal(error, 'seconds must be a whole number from 1 to 86400');
  }
  assert.equal(bench.send('interval')?.ok, false);
  assert.equal(bench.done.length, 3);
});

test('identify takes ten seconds when it is not told how many', () => {
  const bench = new Bench();
  bench.send('identify');
  bench.send('identify', { seconds: 300 });
  assert.equal(bench.ask('identify', { seconds: 301 }).ok, false);
  assert.deepEqual(bench.done, ['identify 10', 'identify 300']);
});

test('forget wants to be confirmed', () => {
  const bench = new Bench();
  for (const payload of ['', {}, { confirm: true }, { confirm: 'yes' }, { confirm: ['forget'] }]) {
    assert.equal(bench.ask('forget', payload).error, 'confirm must be "forget"');
  }
  assert.deepEqual(bench.done, []);
  assert.equal(bench.ask('forget', { confirm: 'forget' }).ok, true);
  assert.deepEqual(bench.done, ['forget']);
});

test('what prevented a command is said', () => {
  const bench = new Bench();
  bench.prevented = 'there is no button';
  assert.deepEqual(bench.ask('setup', { id: 1 }), {
    command: 'setup',
    id: 1,
    ok: false,
    error: 'there is no button',
  });
});

test('an unknown command is answered, its name cut', () => {
  const bench = new Bench();
  for (const name of ['', 'Reboot', 'constructor', '__proto__', 'toString', 'a\u0000b"']) {
    assert.deepEqual(bench.ask(name), {
      command: name,
      ok: false,
      error: 'there is no such command',
    });
  }
  assert.equal(bench.ask('x'.repeat(1000)).command, 'x'.repeat(32));
  assert.deepEqual(bench.done, []);
});

test('a malformed payload is answered, and nothing is done', () => {
  const bench = new Bench();
  const payloads = [
    ' ',
    '{',
    '[]',
    '7',
    '"x"',
    'null',
    'reboot',
    '{"id":1}}',
    '\u0000',
    '[['.repeat(200),
  ];
  for (const payload of [...payloads, `{"x":"${'x'.repeat(510)}"}`, '{"a":{"b":{"c":{}}}}']) {
    const { ok, error } = bench.ask('reboot', payload);
    assert.deepEqual(
      [ok, error],
      [false, 'the payload is no JSON object of at most 512 bytes'],
      payload,
    );
  }
  const bad = bench.table.take('reboot', new Uint8Array([0x7b, 0xff, 0x7d]), false, 1e9);
  assert.equal(bad?.ok, false);
  assert.deepEqual(bench.done, []);
});

test('a payload of 512 bytes is read', () => {
  const bench = new Bench();
  const payload = `{"id":1,"x":"${'x'.repeat(512 - 15)}"}`;
  assert.equal(payload.length, 512);
  assert.equal(bench.ask('sample', payload).id, 1);
});

test('a retained command does nothing and is not answered', () => {
  const bench = new Bench();
  assert.equal(bench.send('reboot', '', true), undefined);
  assert.deepEqual(bench.done, []);
});

test('eight commands may come at once, then one a second; the first of a flood is told', () => {
  const bench = new Bench();
  const flood = (now: number, count: number) => {
    const answers: (string | undefined)[] = [];
    for (let i = 0; i < count; i += 1) {
      answers.push(bench.table.take('sample', utf8(''), false, now)?.error);
    }
    return answers;
  };
  const good = (count: number) => Array.from({ length: count }, () => '');
  assert.deepEqual(flood(0, 10), [...good(8), 'too many commands', undefined]);
  assert.deepEqual(flood(999, 1), [undefined]);
  assert.deepEqual(flood(1000, 3), ['', 'too many commands', undefined]);
  assert.deepEqual(flood(3500, 3), ['', '', 'too many commands']);
  assert.deepEqual(flood(4000, 1), ['']);
  assert.deepEqual(flood(1e9, 9), [...good(8), 'too many commands']);
  assert.equal(bench.done.length, 8 + 1 + 2 + 1 + 8);
  assert.equal(bench.table.refused, 2 + 1 + 2 + 1 + 1);
});

test('malformed, unknown and refused commands count in a flood; retained ones do not', () => {
  const bench = new Bench();
  for (let i = 0; i < 20; i += 1) bench.table.take('reboot', utf8(''), true, 0);
  for (const name of ['x', 'reboot', 'forget', 'interval', 'x', 'x', 'x', 'x']) {
    bench.table.take(name, utf8('{'), false, 0);
  }
  assert.equal(bench.table.take('sample', utf8(''), false, 0)?.error, 'too many commands');
  assert.deepEqual(bench.done, []);
});

test('acknowledge takes an alarm or none, shelve takes one and a time, an hour where it says none', () => {
  const bench = new Bench();
  assert.ok(bench.ask('acknowledge').ok);
  assert.ok(bench.ask('acknowledge', { alarm: 'temperature_high' }).ok);
  assert.ok(bench.ask('shelve', { alarm: 'temperature_high' }).ok);
  assert.ok(bench.ask('shelve', { alarm: 'temperature_high', seconds: 604_800 }).ok);
  assert.deepEqual(bench.done, [
    'acknowledge',
    'acknowledge temperature_high',
    'shelve 3600 temperature_high',
    'shelve 604800 temperature_high',
  ]);
  for (const [name, payload] of [
    ['shelve', {}],
    ['shelve', { alarm: '' }],
    ['acknowledge', { alarm: 7 }],
    ['acknowledge', { alarm: 'x'.repeat(65) }],
  ] as const) {
    assert.equal(bench.ask(name, payload).error, 'alarm must be the name of an alarm');
  }
  assert.match(
    String(bench.ask('shelve', { alarm: 'temperature_high', seconds: 604_801 }).error),
    /seconds must be a whole number from 1 to 604800/,
  );
});
