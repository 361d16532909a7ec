/** Settings from afar on the desk: `npm start -- --provisioned` with a real broker, and what tells it. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigStore } from '../../firmware/config/store.ts';
import { LiveKeyValue } from '../../host-sim/live/key-value.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { missing } from '../support/available.ts';
import { certificates } from '../support/certificates.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import type { MosquittoOptions } from '../support/mosquitto-config.ts';
import type { Subscription } from '../support/mosquitto-sub.ts';
import { settings } from './settings-run.ts';
import { Started } from './start-process.ts';

const SKIP = { skip: missing('mosquitto', 'mosquitto_sub', 'mosquitto_pub', 'openssl') };
const WRONG = 'wrong-password';
/** Boards in one process, and how often it is killed. */
const BOARDS = 5;
const KILLS = 2;
/** A trial begins about so long after the wish, and then takes so long. */
const BEFORE_MS = 2100;
const TRIAL_MS = 1600;
const REPORT_MS = 20_000;

/** A broker, a folder for the boards' flash, and how they are started. */
interface Desk {
  readonly broker: Mosquitto;
  readonly folder: string;
  readonly heard: Subscription;
  start(id: string, ...more: string[]): Started;
}

async function desk(t: TestContext, options: MosquittoOptions = {}): Promise<Desk> {
  const broker = await startMosquitto(options);
  const folder = mkdtempSync(join(tmpdir(), 'mote-remote-'));
  const runs: Started[] = [];
  // A board that is still there when a test has failed would hold the process, and its folder.
  t.after(async () => {
    for (const { child } of runs) child.kill('SIGKILL');
    await Promise.all(runs.map(({ ended }) => ended));
    await broker.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const heard = await broker.subscribe('mote/#', { qos: 1 });
  const start = (id: string, ...more: string[]) => {
    const target = ['--broker', broker.url('tcp'), '--state', join(folder, id)];
    const run = new Started('--provisioned', ...target, '--id', id, '--json', ...more);
    runs.push(run);
    return run;
  };
  return { broker, folder, heard, start };
}

interface Report {
  readonly v: number;
  readonly state: string;
  readonly reason?: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

function reportsOf({ heard }: Desk, id: string): Report[] {
  const { messages } = heard;
  // A board that has moved takes back what it told.
  const own = messages.filter(({ topic, text }) => topic === `mote/${id}/reported` && text !== '');
  return own.map(({ text }) => JSON.parse(text) as Report);
}

/** The first report from now on, or ever, that is as wanted. */
async function reported(at: Desk, id: string, isWanted: (report: Report) => boolean) {
  await at.heard.waitFor(({ topic, text }) => {
    const isReport = topic === `mote/${id}/reported` && text !== '';
    return isReport && isWanted(JSON.parse(text) as Report);
  }, REPORT_MS);
  return reportsOf(at, id).find(isWanted) as Report;
}

function want({ broker }: Desk, id: string, wish: object | string, path = ''): Promise<void> {
  const text = typeof wish === 'string' ? wish : JSON.stringify(wish);
  return broker.publish(`mote/${id}/desired${path}`, text, { retain: true });
}

function savedIn({ folder }: Desk, state: string, id = state) {
  return new ConfigStore(new LiveKeyValue(join(folder, state, id, 'values'))).load();
}

/** They wait for trials most of the time. */
describe('settings from afar', { concurrency: 4 }, () => {
  test(
    'a board keeps what it is told, by a single value and by a document, over its restart',
    SKIP,
    async (t) => {
      const at = await desk(t);
      const first = at.start('box', '--interval', '1s');
      await first.until(() => first.count('connected') === 1);
      await want(at, 'box', '2', '/intervalS');
      await reported(at, 'box', (report) => report.settings.intervalS === 2);
      await want(at, 'box', { v: 1, unit: 'F' });
      const report = await reported(
        at,
        'box',
        ({ v, settings: { unit } }) => v === 1 && unit === 'F',
      );
      assert.deepEqual([report.state, report.settings.intervalS], ['applied', 2]);
      await first.until(() => first.count('connected') === 2);
      first.child.kill('SIGKILL');
      await first.ended;
      // Its own settings count now, and not those of the command line.
      const second = at.start('box', '--interval', '7s');
      await second.until(() => second.count('connected') === 1);
      second.child.kill('SIGINT');
      assert.equal(await second.ended, 0);
      assert.equal(savedIn(at, 'box')?.intervalS, 2);
    },
  );

  for (const [what, wish, reason] of [
    ['Wi-Fi password', { wifiPassword: WRONG }, 'join: wifi password'],
    ['broker', { host: '127.0.0.1', port: 1 }, 'connect: nothing answers'],
  ] as const) {
    test(`a wrong ${what} is tried, and reverted in the words of the page`, SKIP, async (t) => {
      const at = await desk(t);
      const run = at.start('box');
      await run.until(() => run.count('connected') === 1);
      await want(at, 'box', { v: 1, ...wish });
      const {
        v,
        settings: kept,
        ...said
      } = await reported(at, 'box', ({ state }) => state === 'reverted');
      assert.deepEqual([v, said.reason, kept.port], [1, reason, at.broker.port('tcp')]);
      assert.deepEqual(
        run.events.filter(({ event }) => event === 'settings tried').map(({ failure }) => failure),
        [reason],
      );
      assert.equal(run.problems.length, 0, run.err);
      run.child.kill('SIGINT');
      assert.equal(await run.ended, 0);
    });
  }

  test(
    'boards that are killed at ten random moments of their trials work each time',
    SKIP,
    async (t) => {
      const at = await desk(t);
      const random = new SeededRandom(7);
      const ids = Array.from({ length: BOARDS }, (_, i) => `box-00${i + 1}`);
      const start = () => at.start('box', '--devices', String(BOARDS));
      let run = start();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await run.until(() => run.count('connected') >= BOARDS);
        const wish = { v: kill, wifiPassword: `${WRONG}-${kill}` };
        const late = ids.map(() => random.below(TRIAL_MS));
        const wishes = ids.map(async (id, i) => {
          await sleep(late[i]);
          await want(at, id, wish);
        });
        await sleep(BEFORE_MS + TRIAL_MS);
        await Promise.all(wishes);
        run.child.kill('SIGKILL');
        await run.ended;
        run = start();
        for (const id of ids) {
          const report = await reported(at, id, ({ v, state }) => v === kill && state !== 'trying');
          assert.deepEqual([id, report.reason], [id, 'join: wifi password']);
          assert.equal(savedIn(at, 'box', id)?.wifiPassword, 'mote-demo');
        }
      }
      await run.until(() => run.count('acknowledged', '/telemetry') >= BOARDS);
      run.child.kill('SIGINT');
      assert.equal(await run.ended, 0);
    },
  );

  test(
    'of a secret that is settled nothing is left at the broker, nor where a board was asked',
    SKIP,
    async (t) => {
      const at = await desk(t, { listeners: ['tls'] });
      const run = at.start('box');
      await run.until(() => run.count('connected') === 1);
      const secret = 'a-secret-of-the-broker';
      const secure = ['--broker', at.broker.url('tls'), '--ca', certificates().ca];
      const told = await settings(...secure, '--set', 'user=ann', '--set', `password=${secret}`);
      assert.deepEqual([told.code, told.err], [0, ''], told.out);
      await sleep(500);
      const retained = await at.broker.subscribe('#', { qos: 1 });
      await retained.waitFor(({ topic }) => topic === 'mote/box/reported');
      await sleep(300);
      const left = retained.messages.filter(({ text }) => text.includes(secret));
      assert.deepEqual(
        left.map(({ topic }) => topic),
        [],
      );
      assert.ok(!told.out.includes(secret) && !run.out.includes(secret));
      assert.equal(Buffer.from(savedIn(at, 'box')?.password ?? []).toString(), secret);
    },
  );

  test(
    'a certificate and its key in pieces are judged together, refused for no TLS, and emptied',
    SKIP,
    async (t) => {
      const at = await desk(t);
      const run = at.start('box');
      await run.until(() => run.count('connected') === 1);
      const { certificate, key } = certificates().client;
      const files = ['--set', `certificate=@${certificate}`, '--set', `key=@${key}`, '--insecure'];
      const told = await settings('--broker', at.broker.url('tcp'), ...files);
      assert.equal(told.code, 1, told.err);
      assert.match(told.out, /^mote\/box: refused: certificate: for TLS only\n/);
      const retained = await at.broker.subscribe('mote/+/desired/#', { qos: 1 });
      await sleep(300);
      assert.deepEqual(retained.messages, []);
    },
  );

  test('npm run settings tells who took it, who refused and who is gone', SKIP, async (t) => {
    const at = await desk(t);
    const url = ['--broker', at.broker.url('tcp')];
    const none = await settings(...url, '--get');
    assert.deepEqual([none.code, none.err], [1, 'mote: no board is known at mote/+\n']);
    const run = at.start('box');
    const gone = at.start('gone');
    await run.until(() => run.count('connected') === 1);
    await gone.until(() => gone.count('connected') === 1);
    gone.child.kill('SIGINT');
    await gone.ended;
    const some = await settings(...url, '--set', 'intervalS=2');
    assert.deepEqual(some.out.split('\n'), [
      'mote/gone: is gone (offline): takes it when it comes back',
      'mote/box: took it',
      '2 boards: 1 took it, 1 away',
      '',
    ]);
    assert.equal(some.code, 1);
    const all = await settings(...url, '--to', 'mote/box', '--set', 'intervalS=3');
    assert.deepEqual([all.code, all.out], [0, 'mote/box: took it\n1 board: 1 took it\n']);
    const wrong = await settings(...url, '--to', 'mote/box', '--set', 'intervalS=0');
    assert.equal(wrong.code, 1);
    assert.match(wrong.out, /^mote\/box: refused: intervalS: whole number 1 to 86400\n/);
    const bad = await settings(...url, '--set', 'wifiPassword=x');
    assert.equal(bad.code, 2);
    assert.match(bad.err, /^mote: wifiPassword would be readable on the way: use mqtts:\/\//);
    const named = await settings(...url, '--set', 'name=x');
    assert.deepEqual(
      [named.code, named.err],
      [2, 'mote: name is for one board, and 2 are at mote/+\n'],
    );
    // What waited for the board that was gone is kept beside what is new.
    await settings(...url, '--to', 'mote/gone', '--set', 'unit=F');
    const back = at.start('gone');
    const { settings: has } = await reported(at, 'gone', ({ v }) => v === 2);
    assert.deepEqual([has.intervalS, has.unit], [2, 'F']);
    const table = await settings(...url, '--get');
    assert.equal(table.code, 0);
    assert.match(table.out, /intervalS +3 +2\n/);
    back.child.kill('SIGINT');
    run.child.kill('SIGINT');
    assert.deepEqual([await run.ended, await back.ended], [0, 0]);
  });

  test(
    'a board that gets another name is followed, and its old topics are emptied',
    SKIP,
    async (t) => {
      const at = await desk(t);
      const run = at.start('box');
      await run.until(() => run.count('connected') === 1);
      const url = ['--broker', at.broker.url('tcp')];
      const told = await settings(...url, '--to', 'mote/box', '--set', 'name=Kitchen');
      assert.deepEqual(told.out.split('\n').slice(0, 2), [
        'mote/box: took it',
        'mote/box: is mote/kitchen now',
      ]);
      assert.equal(told.code, 0);
      const { out } = await settings(...url, '--get');
      assert.match(out, /^ +mote\/kitchen\n/);
    },
  );

  test('the embedded broker keeps a document for each board, and only a good one', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'mote-desired-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'wish.json');
    writeFileSync(file, '{"v":3,"intervalS":4,"wifiPassword":"other-password"}');
    const run = new Started('--provisioned', '--devices', '2', '--desired', file, '--json');
    const tried = () => run.events.filter(({ event }) => event === 'settings tried');
    await run.until(() => tried().length === 2 && run.count('connected') >= 4);
    assert.deepEqual(
      new Set(tried().map(({ failure }) => failure)),
      new Set(['join: wifi password']),
    );
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 0, run.err);
    writeFileSync(file, '{"intervalS":4}');
    const bad = new Started('--provisioned', '--desired', file);
    assert.equal(await bad.ended, 2);
    assert.deepEqual(bad.problems, [
      `mote: --desired '${file}': v: must be a whole number, 1 to 4294967295`,
    ]);
    const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    assert.equal(text.length, 1);
  });

  test(
    'boards that are told their settings at each start refuse those from afar, with a word',
    SKIP,
    async (t) => {
      const at = await desk(t);
      const run = new Started('--broker', at.broker.url('tcp'), '--id', 'box', '--json');
      t.after(() => run.child.kill('SIGKILL'));
      await run.until(() => run.count('connected') === 1);
      const told = await settings('--broker', at.broker.url('tcp'), '--set', 'unit=F');
      assert.equal(told.code, 1);
      assert.match(told.out, /^mote\/box: refused: this board gets its settings from elsewhere\n/);
    },
  );

  test('a board that moves to another broker leaves no secret at the old one', SKIP, async (t) => {
    const at = await desk(t);
    const other = await startMosquitto({ credentials: { user: 'ann', password: 'other-secret' } });
    t.after(() => other.remove());
    const run = at.start('box');
    await run.until(() => run.count('connected') === 1);
    const wish = { port: other.port('tcp'), user: 'ann', password: 'other-secret' };
    const file = join(at.folder, 'wish.json');
    writeFileSync(file, JSON.stringify(wish));
    const url = ['--broker', at.broker.url('tcp'), '--insecure'];
    const told = await settings(...url, '--file', file, '--wait', '8s');
    assert.equal(told.code, 0, told.err);
    assert.match(told.out, /^mote\/box: took it, and has left this broker/);
    assert.match(
      told.out,
      /\nmote\/box: what was sent is taken back, for there are secrets in it\n/,
    );
    await run.until(() => run.count('connected') === 2);
    assert.equal(savedIn(at, 'box')?.port, wish.port);
    const retained = await at.broker.subscribe('#', { qos: 1 });
    await sleep(300);
    assert.deepEqual(retained.messages, [], 'nothing at all is left there');
  });

  test('authorities in pieces are tried before they count, over TLS', SKIP, async (t) => {
    const at = await desk(t, { listeners: ['tls'] });
    const { ca, foreign } = certificates();
    const secure = ['--broker', at.broker.url('tls'), '--ca', ca];
    const run = at.start('box', ...secure);
    await run.until(() => run.count('connected') === 1);
    const same = await settings(...secure, '--set', `ca=@${ca}`);
    assert.deepEqual(
      [same.code, same.out],
      [0, 'mote/box: has them already\n1 board: 1 took it\n'],
    );
    const wrong = await settings(...secure, '--set', `ca=@${foreign.certificate}`);
    assert.equal(wrong.code, 1);
    assert.match(wrong.out, /^mote\/box: went back: connect: certificate\n/);
    const retained = await at.broker.subscribe('mote/+/desired/#', { qos: 1 });
    await sleep(300);
    assert.deepEqual(retained.messages, []);
  });
});
