/** The firmware's own SNTP over the host's sockets, against the little server of `npm start`. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { TimeService } from '../../../firmware/time/time-service.ts';
import { LiveAlarm } from '../../../host-sim/live/alarm.ts';
import { LiveClock } from '../../../host-sim/live/clock.ts';
import { LiveDatagrams } from '../../../host-sim/live/datagrams.ts';
import { LiveRandom } from '../../../host-sim/live/random.ts';
import { resolveHost } from '../../../host-sim/live/resolve.ts';
import { startTimeServer } from '../../../host-sim/live/time-server.ts';

test('a clock is right by itself, or unknown and near 1970 until it is set', () => {
  const right = new LiveClock();
  assert.equal(right.quality(), 'sync');
  assert.ok(Math.abs(right.wall() - Date.now()) < 1000);
  const unknown = new LiveClock(false);
  assert.equal(unknown.quality(), 'none');
  assert.ok(unknown.wall() < 60_000, `${unknown.wall()}`);
  const wall = Date.UTC(2031, 4, 6);
  unknown.set(wall);
  assert.ok(Math.abs(unknown.wall() - wall) < 1000);
});

test('the time comes over UDP from the server on loopback', async (t) => {
  const server = await startTimeServer();
  t.after(() => server.close());
  const clock = new LiveClock(false);
  let service!: TimeService;
  const alarm = new LiveAlarm(clock, () => service.wake(clock.now()));
  await new Promise<void>((resolve) => {
    service = new TimeService({
      clock,
      random: new LiveRandom(),
      datagrams: new LiveDatagrams({ port: 0 }),
      resolve: resolveHost,
      changed: () => {
        alarm.set(service.deadline());
        if (clock.quality() === 'sync') resolve();
      },
    });
    service.joined(server);
  });
  service.left();
  assert.ok(Math.abs(clock.wall() - Date.now()) < 1000, `${clock.wall() - Date.now()} ms`);
});

test('the server on loopback answers questions, and nothing else', async (t) => {
  const server = await startTimeServer();
  const socket = createSocket('udp4');
  t.after(() => {
    server.close();
    socket.close();
  });
  const answers: Buffer[] = [];
  socket.on('message', (answer) => answers.push(answer));
  for (const odd of [Buffer.alloc(47, 0x23), Buffer.alloc(48, 0x24)]) {
    socket.send(odd, server.port, server.host);
  }
  const question = Buffer.alloc(48);
  question[0] = 0x1b;
  question.write('12345678', 40, 'latin1');
  socket.send(question, server.port, server.host);
  await once(socket, 'message');
  assert.equal(answers.length, 1);
  const [answer] = answers;
  assert.equal(answer[0], 0x1c, 'the version of the question, as a server');
  assert.equal(answer.toString('latin1', 24, 32), '12345678');
  const seconds = answer.readUInt32BE(40) - 2_208_988_800;
  assert.ok(Math.abs(seconds - Date.now() / 1000) < 2);
});
