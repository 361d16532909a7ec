/**
 * The MQTT client alone on an in-memory socket: a 31-character topic, 100 bytes of payload, QoS 1,
 * both versions. Its shell does what the session's contract asks for and no more.
 */

import { readUint16 } from '../../../firmware/base/bytes.ts';
import { encodeTopic } from '../../../firmware/mqtt/codec/topics.ts';
import {
  emptyMessage,
  type MessageSource,
  type OutgoingMessage,
} from '../../../firmware/mqtt/message-source.ts';
import { defaultOptions } from '../../../firmware/mqtt/session/options.ts';
import { Session } from '../../../firmware/mqtt/session/session.ts';
import { type Cost, costOf, retainedBytes } from './meter.ts';

const TOPIC = 'building/floor-3/room-1/climate';
const PAYLOAD_BYTES = 100;
const NOW = 1000;
/** Buffers for messages of this size; all else as on a board. */
const OPTIONS = Object.freeze({
  ...defaultOptions,
  clientId: 'mote-1',
  receiveBytes: 256,
  transmitBytes: 256,
});

/** One message that is sent whenever `waits` is set. */
class OneMessage implements MessageSource {
  readonly message: OutgoingMessage = emptyMessage();
  readonly payload = new Uint8Array(PAYLOAD_BYTES).fill(0x20);
  waits = false;
  settledCount = 0;

  constructor(topic: Uint8Array) {
    this.message.topic = topic;
    this.message.qos = 1;
  }

  next(): boolean {
    if (!this.waits) return false;
    this.waits = false;
    this.message.token++;
    return true;
  }

  putBack(): void {
    this.waits = true;
  }

  reload(): boolean {
    return true;
  }

  writePayload(into: Uint8Array, at: number): number {
    const after = at + PAYLOAD_BYTES;
    if (after <= into.length) into.set(this.payload, at);
    return after;
  }

  published(): void {}

  settled(): void {
    this.settledCount++;
  }

  rewind(): void {}
}

/**
 * A socket in memory. What the session writes is looked at where it lies, and what it reads is put
 * into its buffer beforehand: copying is the transport's cost, the same for every client.
 */
class Socket {
  writes = 0;
  /** Where the last packet began. */
  start = 0;
  waitingBytes = 0;

  write(start: number, end: number): number {
    this.writes++;
    this.start = start;
    return end - start;
  }

  read(): number {
    const count = this.waitingBytes;
    this.waitingBytes = 0;
    return count;
  }
}

class Client {
  readonly source: OneMessage;
  readonly session: Session;
  /** What the session told last. */
  told = '';

  constructor(source: OneMessage) {
    this.source = source;
    this.session = new Session(OPTIONS, [source]);
  }

  /** Sends what waits. The alarm is the device's, and counted in the device's figures. */
  pump(socket: Socket): void {
    const session = this.session;
    const transmitBuffer = session.transmitBuffer;
    session.fill(NOW);
    if (transmitBuffer.start === transmitBuffer.end) return;
    session.sent(socket.write(transmitBuffer.start, transmitBuffer.end), NOW);
  }

  /** Takes what has arrived, and sends what waits then. */
  exchange(socket: Socket): void {
    const session = this.session;
    const transmitBuffer = session.transmitBuffer;
    session.received(socket.read(), NOW);
    let event = session.nextEvent(NOW);
    while (event) {
      this.told = event.type;
      event = session.nextEvent(NOW);
    }
    session.fill(NOW);
    if (transmitBuffer.start === transmitBuffer.end) return;
    session.sent(socket.write(transmitBuffer.start, transmitBuffer.end), NOW);
  }

  /** Bytes arrive, as the transport would copy them. */
  put(socket: Socket, bytes: readonly number[]): void {
    const { receiveBuffer } = this.session;
    receiveBuffer.compact();
    receiveBuffer.bytes.set(bytes, receiveBuffer.end);
    socket.waitingBytes = bytes.length;
  }

  /** PUBACK for the PUBLISH that was written last. */
  putPuback(socket: Socket): void {
    const { bytes } = this.session.transmitBuffer;
    const body = socket.start + (bytes[socket.start + 1] < 0x80 ? 2 : 3);
    const at = body + 2 + readUint16(bytes, body);
    this.put(socket, [0x40, 2, bytes[at], bytes[at + 1]]);
  }
}

function connack(version: 4 | 5): number[] {
  return version === 5 ? [0x20, 6, 0, 0, 3, 0x22, 0, 8] : [0x20, 2, 0, 0];
}

/** A PUBLISH with QoS 1 as a broker sends it. */
function inboundPublish(version: 4 | 5, topic: Uint8Array): number[] {
  const header = [topic.length >> 8, topic.length & 0xff, ...topic, 0, 7];
  if (version === 5) header.push(0);
  const body = [...header, ...new Uint8Array(PAYLOAD_BYTES).fill(0x41)];
  return [0x32, 0x80 | (body.length & 0x7f), body.length >> 7, ...body];
}

/** What the benchmark prints for one version. */
interface ClientFigures {
  readonly publish: Cost;
  readonly puback: Cost;
  readonly inbound: Cost;
  /** What the stand-ins for source and socket cost in a publish with its PUBACK. */
  readonly standIns: Cost;
  readonly writesPerPublish: number;
  readonly ramBytes: number;
}

function measure(version: 4 | 5): ClientFigures {
  const topic = encodeTopic(TOPIC);
  const packet = inboundPublish(version, topic);
  const socket = new Socket();
  const source = new OneMessage(topic);
  const empty = retainedBytes();
  const client = new Client(source);
  client.session.open(version, NOW);
  client.pump(socket);
  client.put(socket, connack(version));
  client.exchange(socket);
  const ramBytes = retainedBytes() - empty;
  if (client.session.state !== 'online') throw new Error('not online');
  return { ...steady(client, socket, packet), ramBytes };
}

/** What a publish with its PUBACK asks of source and socket, without a client. */
function standInsCost(): Cost {
  const source = new OneMessage(encodeTopic(TOPIC));
  const socket = new Socket();
  const into = new Uint8Array(OPTIONS.transmitBytes);
  return costOf(() => {
    source.waits = true;
    source.next();
    source.writePayload(into, 36);
    source.published();
    source.next();
    socket.write(0, 138);
    socket.read();
    source.settled();
    source.next();
  });
}

/** The costs of an online client. */
function steady(client: Client, socket: Socket, packet: readonly number[]) {
  const publish = () => {
    client.source.waits = true;
    client.pump(socket);
  };
  const take = () => client.exchange(socket);
  let published = 0;
  const settle = () => {
    if (published++ === 0) return;
    client.putPuback(socket);
    take();
  };
  const writesBefore = socket.writes;
  const publishCost = costOf(publish, settle);
  const writesPerPublish = (socket.writes - writesBefore) / published;
  settle();
  const puback = costOf(take, () => {
    publish();
    client.putPuback(socket);
  });
  const inbound = costOf(take, () => client.put(socket, packet));
  const { settledCount } = client.source;
  if (settledCount < published || client.told !== 'message') throw new Error('not acknowledged');
  if (client.session.state !== 'online') throw new Error('not online any more');
  return { publish: publishCost, puback, inbound, standIns: standInsCost(), writesPerPublish };
}

const bytecodeBytes = engine.codeBytes('firmware/mqtt/') + engine.codeBytes('firmware/base/');
print(JSON.stringify({ v4: measure(4), v5: measure(5), bytecodeBytes }));
