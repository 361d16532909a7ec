/**
 * The vectors that `mqtt-packet` ships with: its test file is run where it is installed, under a
 * `tape` that collects what it feeds to its parser, and the packets a server may send are decoded
 * here to the same fields.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import * as peer from 'mqtt-packet';
import { PeerError } from '../../firmware/base/errors.ts';
import { toHex } from '../support/mqtt-bytes.ts';
import { decodePieces, type PacketFields, type Version } from '../support/mqtt-fields.ts';
import { ownProperties } from '../support/mqtt-peer-names.ts';

const require = createRequire(import.meta.url);
const FROM_SERVER = ['connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'suback'];
FROM_SERVER.push('unsuback', 'pingresp', 'disconnect', 'auth');

/** Larger ones show nothing more: one of them has 256 MB. */
const BYTES_MAX = 100_000;

interface Shipped {
  readonly name: string;
  readonly version: Version;
  readonly bytes: Uint8Array;
}

type Callback = (t: unknown) => void;

/** Runs the shipped file. @returns what its tests named "… parse" feed to a parser */
function collect(): Shipped[] {
  const shipped: Shipped[] = [];
  let name = '';
  const parser = (options: { protocolVersion?: number } = {}) => ({
    on: () => {},
    parse: (bytes: Uint8Array) => {
      const version = options.protocolVersion === 5 ? 5 : 4;
      if (bytes.length <= BYTES_MAX) shipped.push({ name, version, bytes: Uint8Array.from(bytes) });
      return 0;
    },
  });
  const nothing = new Proxy({}, { get: () => () => {} });
  const tape = (title: string, run: Callback) => {
    name = title;
    if (title.endsWith(' parse')) run(nothing);
  };
  const replaced: Record<string, unknown> = { tape, './': { ...peer, parser } };
  const load = (id: string) =>
    replaced[id] ?? (id === 'readable-stream' ? { Writable: Object } : require(id));
  const source = readFileSync(require.resolve('mqtt-packet/test.js'), 'utf8');
  runInNewContext(source, { require: load, Buffer, process, console, setImmediate });
  return shipped;
}

/** What `mqtt-packet` reads, in the shape of `fieldsOf`. */
function peerFields({ bytes, version }: Shipped): PacketFields | undefined {
  const found: Record<string, unknown>[] = [];
  const parser = peer.parser({ protocolVersion: version });
  parser.on('packet', (packet) => found.push({ ...packet }));
  parser.on('error', () => {});
  parser.parse(Buffer.from(bytes));
  const [packet] = found;
  if (packet === undefined || !FROM_SERVER.includes(packet.cmd as string)) return undefined;
  const fields: Record<string, unknown> = { type: (packet.cmd as string).toUpperCase() };
  if (packet.cmd === 'publish') {
    const { topic, payload, qos, retain, dup } = packet;
    Object.assign(fields, {
      topic,
      payload: toHex(payload as Buffer),
      qos,
      retain,
      duplicate: dup,
    });
  }
  if (packet.messageId !== undefined || packet.cmd === 'publish') {
    fields.packetId = packet.messageId ?? 0;
  }
  if (packet.granted !== undefined) fields.codes = toHex(packet.granted as number[]);
  if (packet.sessionPresent !== undefined) fields.sessionPresent = packet.sessionPresent;
  const reason = version === 5 ? packet.reasonCode : packet.returnCode;
  if (reason !== undefined && packet.cmd !== 'publish') fields.reason = reason;
  const properties = ownProperties(packet.properties as object | undefined);
  if (typeof properties.subscriptionId === 'number') {
    properties.subscriptionId = [properties.subscriptionId];
  }
  return Object.keys(properties).length === 0 ? fields : { ...fields, properties };
}

test('the vectors that mqtt-packet ships with are decoded to the same fields', () => {
  const shipped = collect();
  let same = 0;
  const refused: string[] = [];
  for (const vector of shipped) {
    const expected = peerFields(vector);
    if (expected === undefined) continue;
    try {
      const pieces = Array.from(vector.bytes, (byte) => Uint8Array.of(byte));
      const found = decodePieces(pieces, vector.version, BYTES_MAX);
      assert.deepEqual(found, [expected], vector.name);
      same++;
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      refused.push(`${vector.name}: ${error.message}`);
    }
  }
  // A maximum QoS of 2 is not to be announced; these DISCONNECTs are such as only clients send.
  assert.deepEqual(refused, [
    'connack MQTT 5 with properties parse: property 36 out of range',
    'connack MQTT 5 with properties and doubled user properties parse: property 36 out of range',
    'disconnect parse: packet type 14 from a server',
    'disconnect MQTT 5 parse: property 17 in a wrong packet',
  ]);
  assert.ok(same >= 30, `${same} of ${shipped.length}`);
});
