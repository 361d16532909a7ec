/** Messages to and from a real Mosquitto, seen from the other side by its own command-line clients. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { encodeProperties } from '../../firmware/mqtt/codec/property-values.ts';
import { missing } from '../support/available.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import type { Subscription } from '../support/mosquitto-sub.ts';
import { type LiveClient, liveClient } from './live-client.ts';

const skip = missing('mosquitto', 'mosquitto_sub', 'mosquitto_pub');

/** What the client wrote, as an independent codec reads it. */
function packetsOf(client: LiveClient, version: 4 | 5): Packet[] {
  const packets: Packet[] = [];
  const parser = mqttPacket.parser({ protocolVersion: version });
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error) => assert.fail(error));
  parser.parse(Buffer.concat(client.tap.sent));
  return packets;
}

describe('a client and Mosquitto', { skip, concurrency: true }, () => {
  let mosquitto: Mosquitto;
  let witness: Subscription;
  before(async () => {
    mosquitto = await startMosquitto();
    witness = await mosquitto.subscribe('from/#', { qos: 2 });
  });
  after(() => mosquitto?.remove());

  for (const version of [4, 5] as const) {
    const spoken = version === 5 ? '5.0' : '3.1.1';

    test(`QoS 0, 1 and 2 arrive once each, in order, in ${spoken}`, async (t) => {
      const where = { clientId: `out-${version}`, port: mosquitto.port(), version };
      const client = await liveClient(t, where).online();
      const messages = Array.from({ length: 60 }, (_, i) => {
        return {
          topic: `from/out-${version}/${i % 3}`,
          payload: `${i}`,
          qos: (i % 3) as 0 | 1 | 2,
        };
      });
      assert.deepEqual(new Set(await client.publish(...messages)), new Set([0]));
      const mine = () => witness.messages.filter(({ topic }) => topic.includes(`out-${version}/`));
      await witness.waitUntil(() => mine().length >= 60);
      for (const qos of [0, 1, 2]) {
        const got = mine().filter((message) => message.qos === qos);
        const expected = messages.filter((message) => message.qos === qos);
        assert.deepEqual(
          got.map(({ topic, text }) => [topic, text]),
          expected.map(({ topic, payload }) => [topic, payload]),
        );
      }
    });

    test(`messages of every QoS come in with their bytes, in ${spoken}`, async (t) => {
      const where = { clientId: `in-${version}`, port: mosquitto.port(), version };
      const client = await liveClient(t, where).online();
      const filter = `to/in-${version}/#`;
      assert.deepEqual(await client.subscribe({ filter, qos: 2 }), [2]);
      const payload = Buffer.from([0, 1, 0x22, 0x7f, 0x80, 0xff]);
      for (const qos of [0, 1, 2] as const) {
        await mosquitto.publish(`to/in-${version}/${qos}`, payload, { qos });
      }
      await client.until(() => client.messages.length >= 3, 'three messages');
      assert.deepEqual(
        client.messages.map((message) => [message.topic, message.qos, [...message.payload]]),
        [0, 1, 2].map((qos) => [`to/in-${version}/${qos}`, qos, [...payload]]),
      );
      await client.publish({ topic: `to/in-${version}/end`, payload: 'end', qos: 2 });
      await client.message(({ text }) => text === 'end');
      assert.equal(client.messages.length, 4, 'none came twice');
    });

    test(`a retained message is kept, comes as retained, and is removed, in ${spoken}`, async (t) => {
      const topic = `from/kept-${version}`;
      const where = { clientId: `kept-${version}`, port: mosquitto.port(), version };
      const client = await liveClient(t, where).online();
      await client.publish({ topic, payload: 'kept', retain: true });
      await client.subscribe({ filter: topic, qos: 1 });
      const message = await client.message(({ text }) => text === 'kept');
      assert.equal(message.retain, true);
      await client.publish({ topic, payload: '', retain: true });
      const later = await mosquitto.subscribe(topic);
      await client.publish({ topic, payload: 'live' });
      await later.waitFor(({ text }) => text === 'live');
      assert.deepEqual(
        later.messages.map(({ text }) => text),
        ['live'],
      );
    });

    test(`a connection that is cut brings the will, a goodbye does not, in ${spoken}`, async (t) => {
      const will = (name: string) => ({
        ...{ topic: Buffer.from(`from/${name}`), payload: Buffer.from('lost') },
        ...({ qos: 1, retain: true } as const),
      });
      const start = (name: string) =>
        liveClient(t, {
          ...{ clientId: name, port: mosquitto.port(), version, will: will(name) },
          supervisor: { backoff: { floorMs: 30_000, baseMs: 30_000, capMs: 30_000 } },
        }).online();
      const [cut, polite] = await Promise.all([
        start(`cut-${version}`),
        start(`polite-${version}`),
      ]);
      await polite.stop();
      cut.tap.cut();
      const lost = await witness.waitFor(({ topic }) => topic === `from/cut-${version}`);
      assert.deepEqual([lost.text, lost.qos], ['lost', 1]);
      const kept = await mosquitto.subscribe(`from/cut-${version}`);
      assert.equal((await kept.waitFor(() => true)).retain, true);
      assert.ok(!witness.messages.some(({ topic }) => topic === `from/polite-${version}`));
    });

    test(`a payload up to the transmit buffer goes out, in ${spoken}`, async (t) => {
      const transmitBytes = 100_000;
      const client = await liveClient(t, {
        ...{ clientId: `large-${version}`, port: mosquitto.port(), version, transmitBytes },
      }).online();
      const topic = `from/large-${version}`;
      const payload = Buffer.from(Array.from({ length: 99_900 }, (_, i) => i % 251));
      assert.deepEqual(await client.publish({ topic, payload }), [0]);
      const message = await witness.waitFor((seen) => seen.topic === topic);
      assert.ok(message.payload.equals(payload));
      const over = Buffer.alloc(transmitBytes);
      assert.deepEqual(await client.publish({ topic, payload: over }), [0x95]);
      assert.deepEqual(await client.publish({ topic, payload: 'small' }), [0]);
    });

    test(`another client with the same id takes over, in ${spoken}`, async (t) => {
      const where = { clientId: `twin-${version}`, port: mosquitto.port(), version };
      const first = await liveClient(t, where).online();
      await liveClient(t, where).online();
      // Mosquitto 2.0 closes without a DISCONNECT in both versions; later ones say 0x8E in 5.0.
      assert.match(await first.ended(), /taken over|closed the connection|reset/);
    });
  }

  test('two boards with one id in 3.1.1 find out about each other, and slow down', async (t) => {
    const where = { clientId: 'rivals', port: mosquitto.port(), version: 4 } as const;
    const rivals = await Promise.all([
      liveClient(t, where).online(),
      liveClient(t, where).online(),
    ]);
    const named = () => rivals.find(({ supervisor }) => supervisor.figures.takeovers > 0);
    for (const rival of rivals) {
      await Promise.race(rivals.map((each) => each.until(() => named() !== undefined, 'a name')));
      assert.ok(rival.connects.length < 20);
    }
    assert.match(named()!.ends.at(-1)!, /taken over by another client with the same id, probably/);
    assert.ok(named()!.supervisor.deadline() - performance.now() > 10_000);
  });

  test('in 3.1.1 a message larger than the buffer goes by, counted, and the next one comes', async (t) => {
    const client = await liveClient(t, {
      ...{ clientId: 'small', port: mosquitto.port(), version: 4, receiveBytes: 128 },
    }).online();
    await client.subscribe({ filter: 'to/small', qos: 2 });
    for (const [qos, text] of [
      [0, 'zero'],
      [1, 'one'],
      [2, 'two'],
    ] as const) {
      await mosquitto.publish('to/small', Buffer.alloc(5000, 0x41), { qos });
      await mosquitto.publish('to/small', text, { qos });
    }
    await client.message(({ text }) => text === 'two');
    assert.deepEqual(
      client.messages.map(({ text }) => text),
      ['zero', 'one', 'two'],
    );
    assert.equal(client.session.skipped, 3);
    assert.equal(client.ends.length, 0);
  });

  test('in 5.0 a message larger than the buffer is kept away by the broker', async (t) => {
    const client = await liveClient(t, {
      ...{ clientId: 'small-5', port: mosquitto.port(), version: 5, receiveBytes: 128 },
    }).online();
    await client.subscribe({ filter: 'to/small-5', qos: 1 });
    await mosquitto.publish('to/small-5', Buffer.alloc(5000, 0x41));
    await mosquitto.publish('to/small-5', 'next');
    await client.message(({ text }) => text === 'next');
    assert.equal(client.messages.length, 1);
    assert.equal(client.session.skipped, 0);
  });

  test('a repeated topic is sent once, then by its alias, and arrives whole', async (t) => {
    const where = { clientId: 'alias', port: mosquitto.port(), version: 5 } as const;
    const client = await liveClient(t, where).online();
    assert.ok(client.session.limits.topicAliasMaximum > 0, 'Mosquitto 2 allows aliases');
    const topics = ['from/alias/a', 'from/alias/b'].map((topic) => ({ topic, repeats: true }));
    const messages = Array.from({ length: 10 }, (_, i) => ({ ...topics[i % 2], payload: `${i}` }));
    // An alias belongs to a topic as an array: the source has one array for each of its messages.
    const arrays = topics.map(({ topic }) => Buffer.from(topic));
    client.source.topicOf = (topic) => arrays[topics.findIndex((known) => known.topic === topic)];
    await client.publish(...messages);
    const published = packetsOf(client, 5).filter((packet) => packet.cmd === 'publish');
    assert.deepEqual(
      published.map(({ topic, properties }) => [topic, properties?.topicAlias]),
      messages.map(({ topic }, i) => [i < 2 ? topic : '', (i % 2) + 1]),
    );
    const mine = () => witness.messages.filter(({ topic }) => topic.startsWith('from/alias/'));
    await witness.waitUntil(() => mine().length === 10);
    assert.deepEqual(
      mine().map(({ topic, text }) => [topic, text]),
      messages.map(({ topic, payload }) => [topic, payload]),
    );
  });

  test('properties of a message arrive in 5.0', async (t) => {
    const where = { clientId: 'properties', port: mosquitto.port(), version: 5 } as const;
    const client = await liveClient(t, where).online();
    const properties = encodeProperties({
      payloadFormat: 1,
      messageExpiry: 60,
      contentType: 'application/json',
      responseTopic: 'answers/here',
      correlationData: Buffer.from('c-17'),
      user: [['unit', '°C']],
    });
    await client.publish({ topic: 'from/properties', payload: '{}', properties });
    const { properties: seen } = await witness.waitFor(({ topic }) => topic === 'from/properties');
    assert.equal(seen['payload-format-indicator'], 1);
    assert.equal(seen['message-expiry-interval'], 60);
    assert.equal(seen['content-type'], 'application/json');
    assert.equal(seen['response-topic'], 'answers/here');
    assert.match(JSON.stringify(seen), /°C/);
  });

  test('no local, and no retained messages on subscribing, are obeyed in 5.0', async (t) => {
    const where = { clientId: 'options', port: mosquitto.port(), version: 5 } as const;
    const client = await liveClient(t, where).online();
    await client.publish({ topic: 'from/options', payload: 'old', retain: true });
    const filter = 'from/options';
    await client.subscribe({ filter, qos: 1, noLocal: true, retainHandling: 2 });
    await client.publish({ topic: 'from/options', payload: 'own' });
    await mosquitto.publish('from/options', 'theirs');
    await client.message(({ text }) => text === 'theirs');
    assert.equal(client.messages.length, 1);
  });

  test('a keep-alive of one second holds a silent connection', async (t) => {
    const where = { clientId: 'silent', port: mosquitto.port(), keepAliveS: 1 };
    const client = await liveClient(t, where).online();
    const pings = () => packetsOf(client, 5).filter(({ cmd }) => cmd === 'pingreq').length;
    await client.until(() => pings() >= 3, 'three pings').catch(() => {});
    assert.ok(pings() >= 3, `${pings()} pings`);
    assert.equal(client.ends.length, 0);
  });
});

describe('a Mosquitto with limits', { skip, concurrency: true }, () => {
  let mosquitto: Mosquitto;
  before(async () => {
    mosquitto = await startMosquitto({ maxInflight: 2, maxPacketBytes: 1000 });
  });
  after(() => mosquitto?.remove());

  test('its receive maximum is never exceeded, whatever the window', async (t) => {
    const where = { clientId: 'eager', port: mosquitto.port(), windowMax: 50 };
    const client = await liveClient(t, where).online();
    assert.equal(client.session.limits.receiveMaximum, 2);
    const messages = Array.from({ length: 100 }, (_, i) => {
      return { topic: 'limits', payload: `${i}`, qos: i % 2 === 0 ? 1 : 2 } as const;
    });
    const reasons = await client.publish(...messages);
    assert.ok(
      reasons.every((reason) => reason < 0x80),
      `${reasons}`,
    );
    assert.equal(client.ends.length, 0);
  });

  test('a message over its packet size is refused here, and the next one is sent', async (t) => {
    const where = { clientId: 'wide', port: mosquitto.port(), transmitBytes: 4000 };
    const client = await liveClient(t, where).online();
    assert.equal(client.session.limits.maximumPacketSize, 1000);
    const witness = await mosquitto.subscribe('limits/wide');
    const topic = 'limits/wide';
    const [over, under] = await client.publish(
      { topic, payload: Buffer.alloc(1000) },
      { topic, payload: Buffer.alloc(900, 0x42) },
    );
    assert.equal(over, 0x95);
    assert.ok(under < 0x80);
    assert.equal((await witness.waitFor(() => true)).payload.length, 900);
    assert.equal(client.ends.length, 0);
  });
});
