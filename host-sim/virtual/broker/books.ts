/**
 * The virtual broker's own books, for checks from outside the device: every connection, every
 * PUBLISH received, and everything that a client did against the standard.
 *
 * It only records; it decides nothing and forgets nothing until `clear`.
 */

import type { IPublishPacket } from 'mqtt-packet';
import type { Version } from './codec.ts';
import type { Message } from './session.ts';

/** A violation, or something legal but worth knowing ('info'). */
export interface Finding {
  time: number;
  level: 'violation' | 'info';
  /** The statement of the standard, such as MQTT-3.3.1-2, or a short word. */
  rule: string;
  text: string;
  clientId: string;
  /** The number of the connection, see `ConnectionRecord.number`. */
  connection: number;
}

/** One TCP connection. Times are world milliseconds. */
export interface ConnectionRecord {
  /** Counts from 1. */
  number: number;
  acceptedAt: number;
  clientId: string;
  version: Version | undefined;
  cleanStart: boolean;
  keepAliveS: number;
  connectAt: number | undefined;
  /** What CONNACK said: a 5.0 reason code; undefined when none was sent. */
  reason: number | undefined;
  sessionPresent: boolean;
  endedAt: number | undefined;
  /** Who ended it and why, in words. */
  end: string;
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
}

/** One PUBLISH as received, duplicates included. */
export interface PublishRecord {
  time: number;
  clientId: string;
  connection: number;
  /** The connection's. */
  version: Version | undefined;
  /** With its topic alias resolved. */
  topic: string;
  /** Never changed. */
  payload: Uint8Array;
  qos: number;
  dup: boolean;
  retain: boolean;
  /** 0 with QoS 0. */
  packetId: number;
  properties: IPublishPacket['properties'];
  /** False for a QoS 2 duplicate that was not passed on, and for a refused one. */
  forwarded: boolean;
  /** When PUBACK or PUBREC was handed to the link; undefined when it never was. */
  acknowledgedAt: number | undefined;
  /** Reason in that acknowledgement. */
  reason: number;
  /** When PUBCOMP was handed to the link. */
  completedAt: number | undefined;
}

/** One PUBLISH as sent to a client, redeliveries included. */
export interface SentRecord {
  clientId: string;
  version: Version;
  /** As `publish` of the broker gave it back: the same object each time that it is sent. */
  message: Message;
  qos: number;
  retain: boolean;
  dup: boolean;
}

/** The record of a PUBLISH that was just received; it views the frame's bytes, which stay. */
export function publishRecord(
  packet: IPublishPacket,
  topic: string,
  time: number,
  { clientId, number, version }: ConnectionRecord,
): PublishRecord {
  return {
    time,
    clientId,
    connection: number,
    version,
    topic,
    payload: viewOf(packet.payload as Buffer),
    qos: packet.qos,
    dup: packet.dup,
    retain: packet.retain,
    packetId: packet.messageId ?? 0,
    properties: packet.properties,
    forwarded: true,
    acknowledgedAt: undefined,
    reason: 0,
    completedAt: undefined,
  };
}

/** A plain array on the memory of a Buffer. */
function viewOf({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

export class Books {
  readonly connections: ConnectionRecord[] = [];
  readonly published: PublishRecord[] = [];
  readonly findings: Finding[] = [];
  /** Messages to clients that were not sent: queue full, too large for the client, expired. */
  dropped = { queueFull: 0, tooLarge: 0, expired: 0 };
  /** Called for each PUBLISH once it is recorded. */
  onPublish: ((record: PublishRecord) => void) | undefined;
  /** Called for each PUBLISH that goes out to a client. */
  onSend: ((record: SentRecord) => void) | undefined;
  onFinding: ((finding: Finding) => void) | undefined;
  /** False keeps no `published` records (the hook still hears of them): for long runs. */
  keepsPublished = true;
  #connectionCount = 0;

  get violations(): Finding[] {
    return this.findings.filter((finding) => finding.level === 'violation');
  }

  openConnection(time: number): ConnectionRecord {
    this.#connectionCount += 1;
    const record: ConnectionRecord = {
      number: this.#connectionCount,
      acceptedAt: time,
      clientId: '',
      version: undefined,
      cleanStart: false,
      keepAliveS: 0,
      connectAt: undefined,
      reason: undefined,
      sessionPresent: false,
      endedAt: undefined,
      end: '',
      packetsIn: 0,
      packetsOut: 0,
      bytesIn: 0,
      bytesOut: 0,
    };
    this.connections.push(record);
    return record;
  }

  addPublish(record: PublishRecord): void {
    if (this.keepsPublished) this.published.push(record);
    this.onPublish?.(record);
  }

  addFinding(finding: Finding): void {
    this.findings.push(finding);
    this.onFinding?.(finding);
  }

  /** Payloads received on `topic`, oldest first, without duplicates that were not passed on. */
  payloadsOf(topic: string): Uint8Array[] {
    const hits = this.published.filter((record) => record.topic === topic && record.forwarded);
    return hits.map((record) => record.payload);
  }

  /** Forgets all records; connection numbers go on counting. */
  clear(): void {
    this.connections.length = 0;
    this.published.length = 0;
    this.findings.length = 0;
    this.dropped = { queueFull: 0, tooLarge: 0, expired: 0 };
  }
}
