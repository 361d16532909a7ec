/** From box to broker on the desk: the board's own page sets it up, and it stays set up. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { startBroker } from '../../host-sim/live/broker.ts';
import { Page, pageOf } from './set-up-page.ts';
import { Started } from './start-process.ts';

const SECRETS = Object.freeze({ wifi: 'mote-demo', right: 's3cret-of-broker', wrong: 'wr0ng-one' });
const HOME = Buffer.from('Home').toString('hex');

test('a board without settings is set up on its page, stays so, and can be reset', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mote-set-up-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const login = ['--user', 'ann', '--password', SECRETS.right];
  const args = ['--unprovisioned', '--json', '--id', 'box', '--state', folder, ...login];
  const first = new Started(...args);
  await first.until(() => pageOf(first) !== '');
  const page = new Page(pageOf(first));
  assert.match(await page.get(), /<form method="post" action="\/save"/);
  const { port } = new URL(brokerOf(first));
  const fields = {
    ...{ ssidHex: HOME, wifiPassword: SECRETS.wifi, host: '127.0.0.1', port },
    ...{ user: 'ann', name: 'kitchen', intervalS: '1' },
  };
  assert.match(await page.check({ ...fields, password: SECRETS.wrong }), /"failed"/);
  assert.match(await page.get(), /The broker refused the user name or password/);
  assert.match(await page.check({ ...fields, password: SECRETS.right }), /"saved"/);
  await page.get('done');
  await first.until(() => first.count('acknowledged', 'mote/kitchen/telemetry') >= 2);
  first.child.kill('SIGKILL');
  await first.ended;

  // Started again it goes to work by itself: the embedded broker is where it was.
  const second = new Started(...args);
  await second.until(() => second.count('acknowledged', 'mote/kitchen/telemetry') >= 1);
  assert.equal(pageOf(second), '');
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    username: 'ann',
    password: SECRETS.right,
  });
  await client.publishAsync('mote/kitchen/command/forget', '{"confirm":"forget"}', { qos: 1 });
  await second.until(() => pageOf(second) !== '');
  await client.endAsync();
  const again = await new Page(pageOf(second)).get();
  assert.doesNotMatch(again, /kitchen/);
  second.child.kill('SIGINT');
  assert.equal(await second.ended, 0);

  // The hint names the password of the network that is only pretended.
  const lines = (first.out + second.out).split('\n').filter((line) => !line.includes('"hint"'));
  const told = page.seen + again + lines.join('\n') + first.err + second.err;
  for (const secret of Object.values(SECRETS)) assert.equal(told.includes(secret), false, secret);
});

function brokerOf(run: Started): string {
  return String(run.events.find(({ event }) => event === 'set-up opened')?.broker ?? '');
}

test('the banner names the broker that a board was set up for, also in the next run', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mote-banner-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const other = await startBroker(undefined, 0);
  t.after(() => other.close());
  const args = ['--unprovisioned', '--id', 'box', '--state', folder];
  const first = new Started(...args);
  const urlOf = (run: Started) => /set-up page (http:\S+)/.exec(run.out)?.[1] ?? '';
  await first.until(() => urlOf(first) !== '');
  assert.doesNotMatch(first.out, /box: broker/);
  const page = new Page(urlOf(first));
  await page.get();
  const port = String(other.port);
  const home = { ssidHex: HOME, wifiPassword: SECRETS.wifi, host: other.host, port };
  assert.match(await page.check({ ...home, name: 'kitchen', intervalS: '1' }), /"saved"/);
  await page.get('done');
  const at = `-h 127.0.0.1 -p ${port} -t 'mote/kitchen/#' -v`;
  const banner = `kitchen: broker mqtt://127.0.0.1:${port}; watch it with: mosquitto_sub ${at}\n`;
  await first.until(() => first.out.includes(banner));
  first.child.kill('SIGKILL');
  await first.ended;
  const second = new Started(...args);
  await second.until(() => second.out.includes('connected, MQTT'));
  assert.ok(second.out.startsWith(banner), second.out);
  assert.match(second.out, /kitchen.*connected, MQTT/);

  // The button, pressed while power comes on, opens the page again; held, it forgets everything.
  second.child.kill('SIGUSR2');
  await second.until(() => urlOf(second) !== '');
  assert.match(await new Page(urlOf(second)).get(), /kitchen/);
  second.child.kill('SIGINT');
  assert.equal(await second.ended, 0);
  const third = new Started(...args, '--button', '6s');
  await third.until(() => (third.out.match(/set-up page http/g) ?? []).length === 2);
  const pages = [...third.out.matchAll(/set-up page (http:\S+)/g)].map(([, url]) => url);
  assert.doesNotMatch(await new Page(pages[1]).get(), /kitchen/);
  third.child.kill('SIGINT');
  assert.equal(await third.ended, 0);
});
