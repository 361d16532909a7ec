/**
 * Packets read by our decoder and by `mqtt-packet`: where both take one, it says the same to both.
 * The first byte chooses the version.
 */

import assert from 'node:assert/strict';
import { parser } from 'mqtt-packet';
import { PeerError } from '../../../firmware/base/errors.ts';
import { hex, joined, toHex } from '../../support/mqtt-bytes.ts';
import { decodePieces, type PacketFields, type Version } from '../../support/mqtt-fields.ts';
import { INBOUND } from '../../vectors/inbound.ts';
import type { Target } from '../target.ts';

const CAPACITY = 512;

/** What the other reader makes of one packet; undefined where it takes none. */
function peerFields(bytes: Uint8Array, version: Version): PacketFields | undefined {
  const reader = parser({ protocolVersion: version });
  let found: Record<string, unknown> | undefined;
  let isWrong = false;
  reader.on('packet', (packet) => {
    found = packet as unknown as Record<string, unknown>;
  });
  reader.on('error', () => {
    isWrong = true;
  });
  try {
    reader.parse(Buffer.from(bytes));
  } catch {
    return undefined;
  }
  return isWrong ? undefined : found;
}

function ours(bytes: Uint8Array, version: Version): PacketFields | undefined {
  try {
    const found = decodePieces([bytes], version, CAPACITY);
    return found.length === 1 ? found[0] : undefined;
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return undefined;
  }
}

/** Each packet of the input that is there whole. */
function wholePackets(input: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let start = 0; start + 2 <= input.length; ) {
    let at = start + 1;
    let length = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      length += (input[at] & 0x7f) << shift;
      if (input[at++] < 0x80) break;
    }
    const end = at + length;
    if (!(end <= input.length)) break;
    packets.push(input.slice(start, end));
    start = end;
  }
  return packets;
}

function compare(own: PacketFields, peer: PacketFields): void {
  assert.equal(String(own.type).toLowerCase(), peer.cmd);
  if (own.packetId !== undefined && own.packetId !== 0) assert.equal(own.packetId, peer.messageId);
  if (own.type === 'PUBLISH') {
    assert.equal(own.topic, peer.topic);
    assert.equal(own.payload, toHex(peer.payload as Uint8Array));
    assert.deepEqual([own.qos, own.retain, own.duplicate], [peer.qos, peer.retain, peer.dup]);
  }
  if (own.type === 'CONNACK') assert.equal(own.sessionPresent, peer.sessionPresent);
  if (typeof own.codes === 'string' && own.codes !== '') {
    assert.equal(own.codes, toHex(peer.granted as number[]));
  }
  const { reasonString, contentType, topicAlias, messageExpiry } = (own.properties ??
    {}) as PacketFields;
  const others = (peer.properties ?? {}) as PacketFields;
  assert.equal(reasonString, others.reasonString);
  assert.equal(contentType, others.contentType);
  assert.equal(topicAlias, others.topicAlias);
  assert.equal(messageExpiry, others.messageExpiryInterval);
}

export const target: Target = {
  seeds: INBOUND.flatMap(({ bytes, versions }) =>
    versions.map((version) => joined(Uint8Array.of(version), hex(bytes))),
  ),
  bytesMax: 300,
  stepsMax: 100_000,
  madeMax: 200_000,
  run(input) {
    const version: Version = ((input[0] ?? 0) & 1) === 0 ? 4 : 5;
    for (const bytes of wholePackets(input.subarray(1))) {
      const own = ours(bytes, version);
      const peer = own && peerFields(bytes, version);
      if (own !== undefined && peer !== undefined) compare(own, peer);
    }
  },
};
