/** Which request changes something, and what it is answered. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Routes } from '../../../../firmware/provisioning/portal/routes.ts';
import { type Answer, ask, HOST, type Question, smallResources } from '../../../support/ask.ts';
import { FakePortal } from '../../../support/fake-portal.ts';

function start(hosts: readonly string[] = [HOST]) {
  const portal = new FakePortal();
  const routes = new Routes(portal, smallResources(), hosts);
  const post = (path: string, form: Record<string, string> = {}, more: Question = {}): Answer =>
    ask(routes, { method: 'POST', path, form: { token: portal.token, ...form }, ...more });
  return { portal, routes, post, get: (path: string) => ask(routes, { path }) };
}

test('the page comes with its own policy, in the language that is asked for', () => {
  const { routes } = start();
  const page = ask(routes, { acceptLanguage: 'de' });
  assert.equal(page.status, 200);
  assert.equal(page.contentType, 'text/html; charset=utf-8');
  assert.equal(page.contentSecurityPolicy, "default-src 'none'; test");
  assert.equal(page.language, 'de');
  assert.equal(page.body, 'form  Deutsch');
  assert.equal(ask(routes, { acceptLanguage: 'zh' }).body, 'form  中文');
});

test('a client that names no host gets the page, but may change nothing', () => {
  const { routes, portal } = start();
  assert.equal(ask(routes, { host: '' }).body, 'form  English');
  const form = { token: portal.token };
  assert.equal(ask(routes, { method: 'POST', path: '/save', host: '', form }).status, 403);
  assert.deepEqual(portal.calls, []);
});

test('check and save: the form goes to the portal, the browser to the page', () => {
  const { portal, post, get } = start();
  const answer = post('/save', { host: 'broker', ssidHex: '', ssid: 'Typed' });
  assert.deepEqual([answer.status, answer.location], [303, '/']);
  assert.ok(answer.body.length > 0);
  assert.deepEqual(portal.calls, ['save']);
  assert.equal(portal.sent('host'), 'broker');
  assert.equal(portal.sent('ssid'), 'Typed');
  assert.equal(get('/').body, 'running  English');
});

test('the network that is picked comes as hex, whatever its bytes', () => {
  const { portal, post } = start();
  post('/save', { ssidHex: '00ff3c274aF0', ssid: 'not this' });
  assert.deepEqual(portal.form.get('ssid'), new Uint8Array([0, 0xff, 0x3c, 0x27, 0x4a, 0xf0]));
  post('/save', { ssid: 'no list' });
  assert.equal(portal.sent('ssid'), 'no list');
  for (const bad of ['g', 'zz', '0', '😀', '0x0x', '4a4']) {
    post('/save', { ssidHex: bad, ssid: '' }, { now: 1e9 });
    assert.ok((portal.form.get('ssid') as Uint8Array).length <= 2);
  }
});

test('what is wrong or under way is shown on the page, too', () => {
  const { portal, post } = start();
  for (const answer of ['invalid', 'busy'] as const) {
    portal.answer = answer;
    assert.equal(post('/save').location, '/');
  }
});

test('save anyway says that there shall be no check', () => {
  const { portal, post } = start();
  assert.equal(post('/anyway', { host: 'x' }).location, '/');
  assert.deepEqual(portal.calls, ['save anyway']);
});

test('nothing changes with GET or HEAD', () => {
  const { portal, routes } = start();
  for (const path of ['/save', '/anyway', '/reset']) {
    for (const method of ['GET', 'HEAD'] as const) {
      const form = { token: portal.token, confirm: 'RESET' };
      const answer = ask(routes, { method, path, form });
      assert.deepEqual([answer.status, answer.location], [303, '/']);
    }
  }
  assert.deepEqual(portal.calls, []);
});

const foreign: Record<string, Question> = {
  'another host': { host: 'evil.example' },
  'another port': { host: `${HOST}:8080` },
  'another origin': { origin: 'http://evil.example' },
  'an opaque origin': { origin: 'null' },
  'a secure origin of the same name': { origin: `https://${HOST}` },
  'an origin that only begins alike': { origin: `http://${HOST}.evil.example` },
};

for (const [what, question] of Object.entries(foreign)) {
  test(`a form with ${what} is refused`, () => {
    const { portal, post } = start();
    for (const path of ['/save', '/anyway', '/reset', '/']) {
      assert.equal(post(path, { confirm: 'RESET' }, question).status, 403);
    }
    assert.deepEqual(portal.calls, []);
  });
}

test('the own origin is accepted, with the port where there is one', () => {
  const hosts: string[] = [];
  const { portal, post } = start(hosts);
  assert.equal(post('/save').status, 403);
  hosts.push('127.0.0.1:4567', HOST);
  assert.equal(post('/save', {}, { origin: `http://${HOST}` }).status, 303);
  const more = { host: '127.0.0.1:4567', origin: 'http://127.0.0.1:4567' };
  assert.equal(post('/save', {}, more).status, 303);
  assert.equal(portal.calls.length, 2);
});

test('a form without the token of this boot gets the page with a word about it', () => {
  const { portal, routes } = start();
  const tokens = [undefined, '', portal.token.slice(1), `${portal.token}0`, 'f'.repeat(32)];
  for (const token of tokens) {
    for (const path of ['/save', '/anyway', '/reset']) {
      const form: Record<string, string> = token === undefined ? {} : { token };
      const answer = ask(routes, { method: 'POST', path, form: { confirm: 'RESET', ...form } });
      assert.equal(answer.status, 403);
      assert.equal(answer.body, 'form stale English');
      assert.equal(answer.contentSecurityPolicy, "default-src 'none'; test");
    }
  }
  assert.deepEqual(portal.calls, []);
});

test('four checks may start in a row, then one every five seconds', () => {
  const { portal, post } = start();
  const statuses = (now: number, times: number) =>
    Array.from({ length: times }, () => post('/save', {}, { now }).status);
  assert.deepEqual(statuses(1000, 6), [303, 303, 303, 303, 429, 429]);
  const refused = post('/anyway', {}, { now: 5999 });
  assert.equal(refused.status, 429);
  assert.equal(refused.retryAfterS, 5);
  assert.equal(refused.body, 'running slow English');
  assert.deepEqual(statuses(6000, 2), [303, 429]);
  assert.deepEqual(statuses(1_000_000, 5), [303, 303, 303, 303, 429]);
  assert.equal(portal.calls.length, 9);
});

test('a form that starts no check does not count', () => {
  const { portal, post } = start();
  portal.answer = 'invalid';
  for (let i = 0; i < 20; i += 1) assert.equal(post('/save').status, 303);
  portal.answer = 'started';
  assert.equal(post('/save').status, 303);
});

test('a factory reset needs the word RESET', () => {
  const { portal, post } = start();
  for (const confirm of ['', 'reset', 'RESE', ' RESET', 'RESETT']) {
    assert.equal(post('/reset', { confirm }).body, 'form confirm English');
  }
  assert.equal(post('/reset').body, 'form confirm English');
  assert.deepEqual(portal.calls, []);
  assert.equal(post('/reset', { confirm: 'RESET' }).body, 'reset  English');
  assert.deepEqual(portal.calls, ['reset']);
});

test('the state of a check is there as JSON', () => {
  const { portal, get } = start();
  assert.equal(get('/state').contentType, 'application/json');
  assert.deepEqual(JSON.parse(get('/state').body), { state: 'idle', stage: 0 });
  portal.check = { state: 'failed', stage: 'sign in', failure: 'sign-in refused' };
  assert.deepEqual(JSON.parse(get('/state').body), { state: 'failed', stage: 4 });
});

test('done ends the set-up once it has succeeded, and not before', () => {
  const { portal, routes, get } = start();
  for (const state of ['idle', 'running', 'failed'] as const) {
    portal.check = { state, stage: 'join', failure: 'timed out' };
    assert.deepEqual([get('/done').status, get('/done').location], [303, '/']);
  }
  portal.check = { state: 'saved', stage: 'save', failure: 'timed out' };
  assert.equal(get('/').body, 'saved  English');
  assert.equal(ask(routes, { method: 'HEAD', path: '/done' }).status, 200);
  assert.deepEqual(portal.calls, []);
  assert.equal(get('/done').body, 'done  English');
  assert.deepEqual(portal.calls, ['done']);
  assert.equal(get('/').body, 'done  English');
});

test('another check takes the phone back into the set-up', () => {
  const { portal, routes, post, get } = start();
  portal.check = { state: 'saved', stage: 'save', failure: 'timed out' };
  get('/done');
  const probe = () => ask(routes, { path: '/generate_204', host: 'example.com' }).status;
  assert.equal(probe(), 204);
  post('/save');
  portal.check = { state: 'saved', stage: 'save', failure: 'timed out' };
  assert.equal(probe(), 302);
});

test('any other path leads to the page, but not with a form', () => {
  const { get, post } = start();
  for (const path of ['/x', '/save/', '/STATE', '/../', '/é', '/a=b']) {
    assert.deepEqual([get(path).status, get(path).location], [303, '/']);
  }
  assert.equal(post('/').status, 404);
  assert.equal(post('/state').status, 404);
});

test('a short answer carries the strictest policy', () => {
  const { post } = start();
  const answer = post('/x');
  assert.equal(answer.contentSecurityPolicy, "default-src 'none'");
  assert.equal(answer.contentType, 'text/plain');
  assert.equal(answer.body, 'Error 404\n');
});
