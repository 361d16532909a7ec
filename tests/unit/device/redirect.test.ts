/** Where a device lets a broker send it: over TLS anywhere that is trusted, else nowhere by itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfig } from '../../../firmware/device/config.ts';
import { supervisorOptions } from '../../../firmware/device/session.ts';
import { LiveClock } from '../../../host-sim/live/clock.ts';
import { VirtualBroker } from '../../../host-sim/virtual/broker/broker.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';
import { virtualDevice } from '../../support/virtual-device.ts';

const MINUTE = 60_000;

function redirected(code: number, followRedirects: boolean) {
  const board = virtualDevice({
    config: { followRedirects, user: 'u', password: Buffer.from('p') },
  });
  const other = new VirtualBroker(board.queue, new SeededRandom(3));
  board.internet.name('evil.test', '10.0.0.2');
  other.listen(board.internet, '10.0.0.2', 1883);
  board.broker.misbehave({ connect: { refuse: code, serverReference: 'evil.test' } });
  return { board, other };
}

for (const code of [0x9c, 0x9d]) {
  test(`without TLS nobody leads a board away with 0x${code.toString(16)}, and it says so`, () => {
    const { board, other } = redirected(code, false);
    board.start().runFor(10 * MINUTE);
    assert.equal(other.books.connections.length, 0);
    assert.match(board.told('disconnected')[0].text, /without TLS that is not followed/);
    board.broker.behave();
    board.until(() => board.device.state === 'online', 5 * MINUTE).runFor(1_000);
    assert.match(String(board.diagnostics()[0].last_error), /without TLS that is not followed/);
  });

  test(`where the settings allow it, 0x${code.toString(16)} without TLS is followed for as long as that server is there`, () => {
    const { board, other } = redirected(code, true);
    board.start().until(() => board.device.state === 'online');
    assert.equal(board.device.supervisor.redirected, 'temporary');
    board.broker.behave();
    other.restart({ how: 'reset', downMs: 20_000 });
    board.until(() => board.device.state !== 'online');
    board.until(() => board.device.state === 'online');
    assert.equal(board.device.supervisor.redirected, 'no');
    assert.equal(board.broker.isOnline('mote-1'), true);
  });
}

test('over TLS, with WebSocket or without, every redirect is followed', () => {
  const random = { below: () => 0, fill: () => {} };
  const config = defaultConfig('a');
  const redirects = (['mqtt', 'ws', 'mqtts', 'wss'] as const).map((scheme) => {
    const broker = { ...config.broker, scheme };
    return supervisorOptions({ ...config, broker }, random, new LiveClock()).redirects;
  });
  assert.deepEqual(redirects, ['none', 'none', 'all', 'all']);
});
