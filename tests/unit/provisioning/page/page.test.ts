/** The real page with its real words: whole, small, and safe against whatever a value holds. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FIELDS as SETTINGS } from '../../../../firmware/config/fields.ts';
import type { ResetReason } from '../../../../firmware/ports.ts';
import { CHECK_STAGES, type CheckFailure } from '../../../../firmware/provisioning/model.ts';
import { LANGUAGES } from '../../../../firmware/provisioning/page/language.ts';
import { Routes } from '../../../../firmware/provisioning/portal/routes.ts';
import { readPageResources } from '../../../../host-sim/live/resources.ts';
import { ask, HOST } from '../../../support/ask.ts';
import { FakePortal, network } from '../../../support/fake-portal.ts';

const GZIP_BYTES_MAX = 6 * 1024;
const resources = readPageResources();
const template = Buffer.from(resources.page).toString();
const tables = LANGUAGES.map((language) => {
  const lines = Buffer.from(resources.words[language]).toString().split('\n');
  return { language, lines };
});
const keyOf = (line: string) => line.slice(0, line.indexOf('='));
const keys = tables[0].lines.slice(0, -1).map(keyOf);

function start(set: (portal: FakePortal) => void = () => {}) {
  const portal = new FakePortal();
  set(portal);
  const routes = new Routes(portal, resources, [HOST]);
  const page = (acceptLanguage = 'en') => ask(routes, { acceptLanguage }).body;
  return { portal, routes, page };
}

/** For which the page has no room, though it tells what is wrong with them. */
const OFF_PAGE = ['signIn'];
/** Every other setting is on the page, in an order of its own. */
const FIELDS = SETTINGS.map(({ name }) => name as string)
  .filter((name) => !OFF_PAGE.includes(name))
  .sort();
/** The codes that `config/` gives: how a field is read, and what is wrong with several together. */
const CODES = [
  // A check box cannot be filled in wrongly.
  ...new Set(SETTINGS.map(({ kind }) => kind as string).filter((kind) => kind !== 'boolean')),
  ...[
    'missing',
    'type again',
    'not ASCII',
    'not in the subnet',
    'for TLS only',
    'too large in all',
  ],
  ...['for MQTT 5 only', 'pin input only', 'pin taken', 'pin unusable', 'too many', 'unknown'],
  ...['not a certificate', 'not its key', 'key kind', 'not in this firmware', 'rule'],
];
const FAILURES: Record<CheckFailure, true> = {
  'local name not found': true,
  'wifi password': true,
  'wifi not found': true,
  'wifi lost': true,
  'no address': true,
  'name not found': true,
  'nothing answers': true,
  certificate: true,
  'certificate expired': true,
  'certificate names': true,
  'certificate unusable': true,
  tls: true,
  'sign-in refused': true,
  'broker not proven': true,
  'name refused': true,
  'not mqtt': true,
  'not websocket': true,
  'clock not set': true,
  silent: true,
  'timed out': true,
  storage: true,
};

/** What `mote-information.ts` tells. */
const INFORMATION = [
  ...['firmware', 'id', 'mac', 'uptime', 'reset', 'boots', 'outbox', 'memory', 'crashes'],
];
const RESETS: Record<ResetReason, true> = {
  'power on': true,
  software: true,
  panic: true,
  watchdog: true,
  'brown-out': true,
  'deep sleep': true,
  unknown: true,
};

test('each table of words has the same keys, in the order that they are looked up in', () => {
  for (const { language, lines } of tables) {
    assert.equal(lines.at(-1), '', `${language} ends with a newline`);
    const its = lines.slice(0, -1).map(keyOf);
    assert.deepEqual(its, keys, language);
    assert.deepEqual(its, [...new Set(its)].sort(), language);
    for (const line of lines.slice(0, -1)) {
      const text = line.slice(line.indexOf('=') + 1);
      assert.ok(text.length > 0 && text === text.trim(), `${language}: ${line}`);
      assert.ok(!/[<>"\r\t]|&(?!\w+;)/.test(text), `${language}: no markup in ${line}`);
    }
  }
});

test('the same values stand in a word of each language', () => {
  const values = (line: string) => (line.match(/\{\{.*?\}\}/g) ?? []).sort();
  for (const { language, lines } of tables) {
    lines.forEach((line, i) => {
      assert.deepEqual(values(line), values(tables[0].lines[i]), `${language}: ${line}`);
    });
  }
});

test('every word that the page can ask for is there, and none that it cannot', () => {
  const fixed = [...template.matchAll(/\{\{_([^$}]+)\}\}/g)].map((match) => match[1]);
  const wanted = new Set([
    ...fixed,
    ...[...FIELDS, ...OFF_PAGE].map((field) => `field ${field}`),
    ...CODES.map((code) => `code ${code}`),
    ...Object.keys(FAILURES).map((failure) => `fail ${failure}`),
    ...CHECK_STAGES.map((stage) => `stage ${stage}`),
    ...[1, 2, 3, 4].map((level) => `level ${level}`),
    ...['slow', 'stale', 'confirm'].map((notice) => `notice ${notice}`),
    ...INFORMATION.map((name) => `info ${name}`),
    ...Object.keys(RESETS).map((reason) => `cause ${reason}`),
  ]);
  const has = (key: string) => keys.includes(key);
  assert.deepEqual(
    [...wanted].filter((key) => !has(key)),
    [],
  );
  // Hints are there for some fields only.
  const isOptional = (key: string) => FIELDS.includes(key.slice(5));
  assert.deepEqual(
    keys.filter((key) => !wanted.has(key) && !isOptional(key)),
    [],
  );
});

test('the page has every field of a form, once, in three languages', () => {
  for (const { language } of tables) {
    const html = start().page(language);
    const names = [...html.matchAll(/<(?:input|select|textarea)[^>]* name="(\w+)"/g)];
    const form = names.map((match) => match[1]).filter((name) => name !== 'token');
    const controls = [...new Set(form)].filter((name) => !['ssidHex', 'confirm'].includes(name));
    assert.deepEqual(controls.sort(), FIELDS);
    assert.equal(form.filter((name) => name === 'host').length, 1);
    assert.equal(form.filter((name) => name === 'homeAssistant').length, 2);
    assert.ok(!html.includes('{{') && !html.includes('undefined'));
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    assert.deepEqual(ids, [...new Set(ids)]);
  }
});

test('why the board started is said in words, and a name that is the same word stays', () => {
  for (const [language, cause] of [
    ['en', 'power on'],
    ['de', 'eingeschaltet'],
    ['zh', '通电'],
  ]) {
    const { page } = start((portal) => portal.information.push(['id', 'power on']));
    const facts = [...page(language).matchAll(/<dd>(.*?)<\/dd>/g)].map((match) => match[1]);
    assert.equal(facts[4], cause);
    assert.equal(facts.at(-1), 'power on');
  }
});

test('every label, note, link and button of the page leads to something on it', () => {
  const { page } = start((portal) => {
    portal.problems = FIELDS.map((field) => ({ field, code: 'whole number', min: 1, max: 9 }));
  });
  const html = page();
  const ids = new Set([...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]));
  const uses = html.matchAll(
    / (?:for|aria-describedby|aria-controls|form)="([^"]*)"|href="#([^"]*)"/g,
  );
  const used = [...uses].map((match) => match[1] ?? match[2]);
  assert.ok(used.length > 60);
  assert.deepEqual(
    used.filter((id) => !ids.has(id)),
    [],
  );
});

test('the whole answer stays under 6 KB in each language and state, gzipped', (t) => {
  const states: Record<string, (portal: FakePortal) => void> = {
    form: (portal) => {
      portal.networks = Array.from({ length: 12 }, (_, i) =>
        network(`Network ${i * 7919}`, -40 - 4 * i, i % 3 > 0),
      );
      for (const secret of ['wifiPassword', 'password', 'key']) portal.secrets.add(secret);
      portal.set('host', 'broker.example');
      portal.set('ssid', 'Network 0');
    },
    failed: (portal) => {
      portal.check = { state: 'failed', stage: 'connect', failure: 'certificate' };
    },
    wrong: (portal) => {
      portal.problems = ['host name or address', 'name', 'whole number', 'missing'].map(
        (code, i) => {
          return { field: FIELDS[2 * i], code, min: 1, max: 100 };
        },
      );
    },
    running: (portal) => {
      portal.check = { state: 'running', stage: 'connect', failure: 'timed out' };
    },
  };
  for (const { language } of tables) {
    for (const [name, set] of Object.entries(states)) {
      const html = start(set).page(language);
      const bytes = gzipSync(html, { level: 9 }).length;
      t.diagnostic(
        `${language} ${name}: ${bytes} bytes gzipped, ${Buffer.byteLength(html)} in all`,
      );
      assert.ok(bytes <= GZIP_BYTES_MAX, `${language} ${name}: ${bytes} bytes`);
    }
  }
});

test('what the sensors gave is shown where the check ended, and beside their field', () => {
  const shown = (set: (portal: FakePortal) => void) =>
    start((portal) => {
      portal.findings = [
        { sensor: 'bme280', fact: '21.4 °C, 44 %' },
        { sensor: 'sht4x', fact: 'SHT4x: does not answer <on> the bus' },
      ];
      set(portal);
    }).page();
  const failed = shown((portal) => {
    portal.check = { state: 'failed', stage: 'connect', failure: 'certificate' };
  });
  assert.equal(failed.split('<dt>bme280</dt><dd>21.4 °C, 44 %</dd>').length, 3);
  assert.ok(failed.includes('does not answer &#60;on&#62; the bus'));
  const saved = shown((portal) => {
    portal.check = { state: 'saved', stage: 'save', failure: 'timed out' };
  });
  assert.equal(saved.split('<dt>bme280</dt><dd>21.4 °C, 44 %</dd>').length, 2);
  const none = start((portal) => {
    portal.findings = [];
  }).page();
  assert.ok(none.includes('No sensor was found.'));
  assert.ok(!start().page().includes('No sensor was found.'));
});

test('the policy allows this style and these scripts, and nothing else', () => {
  const form = start().page();
  const running = start((portal) => {
    portal.check = { state: 'running', stage: 'connect', failure: 'timed out' };
  }).page();
  const hash = (tag: string, page = form) => {
    const content = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page);
    const digest = createHash('sha256')
      .update((content as RegExpExecArray)[1])
      .digest('base64');
    return `'sha256-${digest}'`;
  };
  assert.equal(
    template.slice(0, template.indexOf('\n')),
    `<!-- default-src 'none'; style-src ${hash('style')}; ` +
      `script-src ${hash('script')} ${hash('script', running)}; ` +
      "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none' -->",
  );
  assert.ok(!/ style="| on[a-z]+="|https?:|<(?:link|img|iframe|base|object)\b/i.test(template));
});

const hostile: Record<string, Uint8Array> = {
  quotes: Buffer.from(`"'\`><b x="`),
  markup: Buffer.from('</textarea><script>alert(1)</script>'.slice(0, 32)),
  'a marker': Buffer.from('{{$token}}{{?network}}'),
  emoji: Buffer.from('😀👩‍👩‍👧 é'),
  'a right-to-left override': Buffer.from('\u202eevil'),
  NUL: new Uint8Array([0x41, 0, 0x42]),
  'bytes that are no text': Uint8Array.from({ length: 32 }, (_, i) => (i * 151 + 128) & 255),
  'half a character': new Uint8Array([0x41, 0xf0, 0x9f, 0x98]),
};

for (const [what, bytes] of Object.entries(hostile)) {
  test(`a network or value with ${what} is written as text, and comes back as it was`, () => {
    const { portal, routes, page } = start((fake) => {
      fake.networks = [network('Plain'), network(bytes)];
      for (const field of FIELDS) fake.set(field, bytes);
      fake.information.push(['<i>', `"<b>&`]);
    });
    const html = page();
    const plain = start((fake) => {
      fake.networks = [network('Plain'), network('Kitchen')];
      for (const field of FIELDS) fake.set(field, 'Kitchen');
      fake.information.push(['x', 'y']);
    }).page();
    const tags = (text: string) => text.match(/<[^>]*/g)?.map((tag) => /^<\/?\w*/.exec(tag)?.[0]);
    assert.deepEqual(tags(html), tags(plain));
    assert.equal(html.split('"').length, plain.split('"').length);
    assert.ok(!/[^\P{Cc}\n]/u.test(html), 'no control character but the newline');
    const hex = /value="([0-9a-f]+)" checked/.exec(html)?.[1] as string;
    const form = { token: portal.token, ssidHex: hex, ssid: '' };
    ask(routes, { method: 'POST', path: '/save', form });
    assert.deepEqual([...(portal.form.get('ssid') as Uint8Array)], [...bytes]);
  });
}

test('a network that is not on the list stands in the text field, or on the list if it must', () => {
  const typed = start((portal) => portal.set('ssid', 'Hidden <1>')).page();
  assert.match(typed, /id="o" checked/);
  assert.match(typed, /name="ssid" value="Hidden &#60;1&#62;"/);
  const bytes = new Uint8Array([0xff, 0]);
  const listed = start((portal) => portal.set('ssid', bytes)).page();
  assert.match(listed, /value="ff00" checked/);
  assert.match(listed, /name="ssid" value=""/);
  assert.ok(!listed.includes('id="o" checked'));
});

test('no secret is in any answer, only that there is one', () => {
  const { portal, routes, page } = start();
  const secrets = { wifiPassword: 'hunter2hunter2', password: 'hunter2!', key: 'PRIVATE hunter2' };
  const form = { token: portal.token, ...secrets };
  assert.ok(!page().includes('Leave empty to keep it'));
  ask(routes, { method: 'POST', path: '/save', form });
  for (const field of Object.keys(secrets)) portal.secrets.add(field);
  for (const state of ['idle', 'running', 'failed', 'saved'] as const) {
    portal.check = { state, stage: 'join', failure: 'wifi password' };
    for (const path of ['/', '/state', '/done', '/x']) {
      assert.ok(!ask(routes, { path }).body.includes('hunter2'), `${state} ${path}`);
    }
    if (state === 'idle') assert.equal(page().split('Leave empty to keep it').length, 4);
  }
});

test('what is wrong is said at the top and at its field, and its group is open', () => {
  const html = start((portal) => {
    portal.problems = [
      { field: 'intervalS', code: 'whole number', min: 1, max: 86_400 },
      { field: 'host', code: 'a code of tomorrow' },
    ];
  }).page();
  assert.match(
    html,
    /<a href="#intervalS">Interval \(s\)<\/a>: Enter a whole number from 1 to 86400/,
  );
  assert.match(html, /id="intervalS"[^>]* aria-invalid="true" aria-describedby="intervalS-n"/);
  assert.match(html, /id="intervalS-n"><b>Enter a whole number from 1 to 86400\.<\/b>/);
  assert.match(html, /<details open><summary>Device</);
  assert.equal(html.split('<details open').length, 2);
  assert.match(html, /id="host-n"><b>a code of tomorrow<\/b>/);
});

test('each failure is said in words, with the stages up to it and a way to save anyway', () => {
  for (const failure of Object.keys(FAILURES) as CheckFailure[]) {
    const html = start((portal) => {
      portal.check = { state: 'failed', stage: 'resolve', failure };
    }).page();
    const words = tables[0].lines.find((line) => line.startsWith(`fail ${failure}=`)) as string;
    assert.ok(html.includes(words.slice(words.indexOf('=') + 1)));
    assert.match(html, /<title>The check failed – Set up Mote-3F2A<\/title>/);
    assert.equal(html.split('<li class="done">').length, 3);
    assert.match(html, /<li class="bad">Find the broker<span class="sr"> – stopped here</);
    assert.match(html, /form="form" formaction="\/anyway">Save anyway</);
  }
});

test('while a check runs the page renews itself where there is no script', () => {
  const { portal, page } = start();
  assert.ok(!page().includes('http-equiv'));
  portal.check = { state: 'running', stage: 'connect', failure: 'timed out' };
  assert.match(page(), /<noscript><meta http-equiv="refresh" content="2;url=\/"><\/noscript>/);
  assert.equal(page().split('<li class="done">').length, 4);
  assert.match(page(), /<li class="now">Connect to the broker</);
  assert.ok(!page().includes('<form'));
});
