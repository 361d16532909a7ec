/** Each reader of outside bytes with hostile sizes before it; every one gives a word for its verdict. */

import { asciiBytes } from '../../firmware/base/ascii.ts';
import { parseJsonObject } from '../../firmware/base/json.ts';
import { PemReader } from '../../firmware/base/pem-blocks.ts';
import { encodeBlob } from '../../firmware/config/blob.ts';
import { DEFAULTS } from '../../firmware/config/fields.ts';
import { readPem } from '../../firmware/config/pem.ts';
import { parseSettings } from '../../firmware/config/settings.ts';
import { CommandTable } from '../../firmware/device/commands.ts';
import { Property } from '../../firmware/mqtt/codec/constants.ts';
import { defaultOptions } from '../../firmware/mqtt/session/options.ts';
import { Session } from '../../firmware/mqtt/session/session.ts';
import type { FoundNetwork } from '../../firmware/ports.ts';
import { DNS_REPLY_BYTES_MAX, DnsResponder } from '../../firmware/provisioning/dns-responder.ts';
import { HttpExchange } from '../../firmware/provisioning/http/exchange.ts';
import { decodeForm } from '../../firmware/provisioning/http/form-decoder.ts';
import { BytesBody } from '../../firmware/provisioning/http/response.ts';
import { HTTP_SERVER_OPTIONS } from '../../firmware/provisioning/http/server.ts';
import { readAnswer } from '../../firmware/time/sntp.ts';
import { addFound } from '../../firmware/wifi/found-networks.ts';
import * as inputs from './sizes-inputs.ts';
import type { SizesWriter } from './sizes-writer.ts';
import { ANSWER, connectWith, KEY_ACCEPT } from './web-socket.ts';

/** What it reads is what the writer holds. @returns what became of it */
export type Reader = (w: SizesWriter) => string;

function form(w: SizesWriter): string {
  inputs.writeForm(w);
  const fields = decodeForm(w.bytes.slice(0, w.length));
  if (fields === undefined) return 'no form';
  const { settings, problems } = parseSettings(fields, DEFAULTS);
  encodeBlob(settings, 1);
  return problems.length === 0 ? 'taken' : 'problems';
}

function http(w: SizesWriter): string {
  inputs.writeRequest(w);
  const handler = {
    handle: ({ path, query, host }: { path: string; query: string; host: string }) =>
      new BytesBody(asciiBytes(`${path.length} ${query.length} ${host.length}`)),
  };
  const { bodyBytesMax } = HTTP_SERVER_OPTIONS;
  const setting = { handler, bodyBytesMax, formOwner: undefined };
  const exchange = new HttpExchange(setting, new Uint8Array(1024), 0);
  const piece = new Uint8Array(512);
  for (let at = 0; at < w.length && exchange.readable; ) {
    let count = 0;
    while (count < 512 && at < w.length) piece[count++] = w.bytes[at++];
    exchange.received(piece, count, 0);
  }
  const isAnswered = exchange.fill();
  exchange.over();
  if (!isAnswered) return 'silent';
  // HTTP/1.1 200
  return `${exchange.bytes[9] - 48}${exchange.bytes[10] - 48}${exchange.bytes[11] - 48}`;
}

function dns(w: SizesWriter): string {
  inputs.writeQuestion(w);
  const responder = new DnsResponder(Uint8Array.of(192, 168, 4, 1));
  const length = responder.answer(w.bytes, w.length, new Uint8Array(DNS_REPLY_BYTES_MAX));
  return length === 0 ? 'dropped' : 'answered';
}

/** As long as a packet that is received whole. */
const MESSAGE_BYTES_MAX = 1024;

function json(w: SizesWriter): string {
  inputs.writeJson(w, MESSAGE_BYTES_MAX);
  const payload = w.bytes.slice(0, w.length);
  const isObject = parseJsonObject(payload) !== undefined;
  const table = new CommandTable({ perform: () => '' });
  const response = table.take('interval', payload, false, 0);
  if (response === undefined) throw new Error('no answer');
  return response.ok ? 'done' : isObject ? 'object' : 'no JSON';
}

function mqtt(w: SizesWriter, isV5: boolean): string {
  inputs.writePackets(w, isV5);
  const session = new Session({ clientId: 'm', ...defaultOptions, aliasesIn: 8 }, []);
  session.open(isV5 ? 5 : 4, 0);
  const start = isV5 ? '\x20\x03\0\0\0' : '\x20\x02\0\0';
  for (let i = 0; i < start.length; i++) session.receiveBuffer.bytes[i] = start.charCodeAt(i);
  session.received(start.length, 0);
  let verdict = pump(session);
  for (let at = 0; at < w.length && !session.finished; ) {
    session.receiveBuffer.compact();
    const { receiveBuffer } = session;
    let count = 0;
    while (at < w.length && receiveBuffer.end + count < receiveBuffer.bytes.length) {
      receiveBuffer.bytes[receiveBuffer.end + count++] = w.bytes[at++];
    }
    if (count === 0) throw new Error('the session neither reads nor ends');
    session.received(count, 0);
    const told = pump(session);
    if (told !== '') verdict = told;
  }
  return verdict === '' ? session.state : verdict;
}

/** Takes the events as a device does. @returns why it ended */
function pump(session: Session): string {
  for (;;) {
    const event = session.nextEvent(0);
    if (event === undefined) session.fill(0);
    const { start, end } = session.transmitBuffer;
    if (start < end && session.state !== 'closed') session.sent(end - start, 0);
    else if (event === undefined) return '';
    if (event?.type === 'ended') return `${event.cause}`;
    if (event?.type !== 'message') continue;
    const { properties } = event.packet;
    event.topic();
    properties.text(Property.responseTopic);
    properties.data(Property.correlationData);
  }
}

function scan(w: SizesWriter): string {
  const list: FoundNetwork[] = [];
  const count = w.size(2000);
  for (let i = 0; i < count; i++) {
    w.length = 0;
    w.value(w.random(33));
    if (w.length > 1) w.bytes[0] = i;
    const ssid = w.bytes.slice(0, w.length);
    addFound(list, { ssid, rssi: -w.random(100), channel: 1, secure: true });
  }
  return list.length === 32 ? 'full' : 'room';
}

function sntp(w: SizesWriter): string {
  w.value(w.size(1500));
  const isOurs = w.random(2) === 0;
  if (isOurs) w.bytes[0] = 0x24;
  if (isOurs) w.bytes.fill(0, 24, 32);
  const time = readAnswer(w.bytes, w.length, { high: 0, low: 0 });
  return time > 0 ? 'time' : `${time}`;
}

function handshake(w: SizesWriter): string {
  inputs.writeAnswer(w, KEY_ACCEPT);
  return connectWith(w.bytes.subarray(0, w.length), 512, false).told.join();
}

function frames(w: SizesWriter): string {
  w.text(ANSWER);
  inputs.writeFrames(w);
  return connectWith(w.bytes.subarray(0, w.length), 512, false).told.join();
}

/** The longest of a certificate's text. */
const PEM_BYTES_MAX = 4096;

function pem(w: SizesWriter): string {
  inputs.writePem(w, 12_000);
  const bytes = w.bytes.subarray(0, w.length);
  const text = readPem(bytes, false, PEM_BYTES_MAX);
  const reader = new PemReader(text ?? bytes.subarray(0, PEM_BYTES_MAX));
  let count = 0;
  for (let der = reader.next(); der !== undefined; der = reader.next()) count++;
  return text === undefined ? (count > 0 ? 'refused' : 'none') : 'taken';
}

export const READERS: Readonly<Record<string, Reader>> = Object.freeze({
  form,
  http,
  dns,
  json,
  'mqtt-3.1.1': (w: SizesWriter) => mqtt(w, false),
  'mqtt-5.0': (w: SizesWriter) => mqtt(w, true),
  scan,
  sntp,
  handshake,
  frames,
  pem,
});

/**
 * What stands for all that a board holds beside a reader, with the writer's buffer: 12 KB there and
 * 1.5 KB here in chunks, and a thousand slots.
 */
const HELD_ARRAYS = 2;
const HELD_ARRAY_BYTES = 768;
const HELD_OBJECTS = 350;

interface Held {
  readonly next: Held | undefined;
  readonly bytes: Uint8Array | undefined;
}

function hold(): Held | undefined {
  let held: Held | undefined;
  for (let i = 0; i < HELD_OBJECTS; i++) {
    const bytes = i < HELD_ARRAYS ? new Uint8Array(HELD_ARRAY_BYTES) : undefined;
    held = { next: held, bytes };
  }
  return held;
}

/** Reads inputs of these seeds. @returns lines: verdicts with how often, and what it took at most */
export function readHostile(name: string, w: SizesWriter, from: number, count: number): string[] {
  const held = hold();
  const verdicts = new Map<string, number>();
  let most = 0;
  let mostAt = 0;
  for (let seed = from; seed < from + count; seed++) {
    w.begin(seed);
    const before = engine.meter();
    const verdict = READERS[name](w);
    const took = (engine.meter() - before) & 0x7fff_ffff;
    if (took > most) {
      most = took;
      mostAt = seed;
    }
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  const lines: string[] = [];
  verdicts.forEach((times, verdict) => {
    lines.push(`${times} ${verdict}`);
  });
  lines.push(
    `most ${most} at ${mostAt}, stack ${engine.stackPeak()}, collections ${engine.collections()}`,
  );
  if (held === undefined) throw new Error('nothing was held');
  return lines;
}
