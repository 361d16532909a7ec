/**
 * TLS of the host with the trust of the board: the server's part of the handshake is looked at, by
 * the firmware's own modules, before Node sees it. Node's verdict is not used; it keeps the keys.
 *
 * It offers what the board's session offers, TLS 1.2 with the same key exchange and signatures: a
 * broker that the board cannot agree with fails here too.
 */
import { createPrivateKey } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { pemBlocks } from '../../firmware/base/pem-blocks.ts';
import { HandshakeGuard } from '../../firmware/network/tls/handshake-guard.ts';
import { asPkcs8 } from '../../firmware/network/tls/private-key.ts';
import { RANDOM_BYTES, ServerProof } from '../../firmware/network/tls/server-proof.ts';
import type { CloseReason, Target } from '../../firmware/ports.ts';
import { LiveSignatureMath } from './signature-math.ts';

/** Whom to trust and who to be. */
export interface GuardedOptions {
  /** PEM. */
  readonly authorities: Uint8Array;
  readonly cert?: string;
  readonly key?: string;
  /** Application protocols (ALPN). */
  readonly protocols: readonly string[];
  /** Unix milliseconds; undefined: nobody knows. */
  now(): number | undefined;
}

export interface GuardedSocket {
  readonly socket: TLSSocket;
  /** TCP. */
  readonly below: Socket;
}

/** The server's certificates, or its handshake, were refused here. */
export class Distrusted extends Error {
  readonly reason: CloseReason;

  constructor(reason: CloseReason) {
    super('');
    this.reason = reason;
  }
}

const RECORD_HEAD = 5;
/** RFC 5246 6.2.3. */
const RECORD_BYTES_MAX = RECORD_HEAD + 16_384 + 2048;
const CHANGE_CIPHER_SPEC = 20;
/** In a record with our hello: behind the heads of record and message, and the version. */
const RANDOM_AT = RECORD_HEAD + 4 + 2;

const OFFER = Object.freeze({
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ciphers: [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-SHA256',
    'AES256-SHA256',
    'AES128-SHA256',
    'AES256-SHA',
    'AES128-SHA',
  ].join(':'),
  ecdhCurve: 'P-256',
  sigalgs: 'ECDSA+SHA256:RSA+SHA256',
} as const);

/** Opens TCP, and TLS over it. @throws Error for a key that the board's platform cannot read */
export function connectGuarded(target: Target, options: GuardedOptions): GuardedSocket {
  const below = connectTcp({ host: target.address, port: target.port });
  below.setNoDelay(true);
  const stream = new GuardedStream(below, target.host, options);
  const { cert, key, protocols } = options;
  const socket = connectTls({
    ...OFFER,
    socket: stream,
    servername: isIP(target.host) === 0 ? target.host : '',
    // Trust is not Node's to decide.
    rejectUnauthorized: false,
    cert,
    key: key && platformKey(key),
    ALPNProtocols: protocols.length === 0 ? undefined : [...protocols],
  });
  stream.failed = (error) => socket.destroy(error);
  return { below, socket };
}

/** A key as the board hands it to its platform: PKCS #8 in DER, whatever form was given. */
function platformKey(pem: string): string | Buffer {
  const [der = Buffer.alloc(0)] = pemBlocks(Buffer.from(pem), 1);
  const key = Buffer.from(asPkcs8(der));
  // Node's TLS reads PEM alone.
  const read = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return read.export({ format: 'pem', type: 'pkcs8' });
}

/** TCP as TLS sees it: records of the handshake one by one, once they are found good. */
class GuardedStream extends Duplex {
  failed: (error: Error) => void = () => {};
  readonly #below: Socket;
  readonly #proof: ServerProof;
  readonly #guard: HandshakeGuard;
  readonly #random = new Uint8Array(RANDOM_BYTES);
  #hasRandom = false;
  #isEncrypted = false;
  #held: Buffer = Buffer.alloc(0);

  constructor(below: Socket, name: string, { authorities, now }: GuardedOptions) {
    super({ allowHalfOpen: true });
    this.#below = below;
    const subject = { name, authorities, now, clientRandom: () => this.#random };
    this.#proof = new ServerProof(subject, new LiveSignatureMath());
    this.#guard = new HandshakeGuard(this.#proof);
    below.on('data', (chunk: Buffer) => this.#arrived(chunk));
    below.once('end', () => this.push(null));
    below.once('close', () => this.destroy());
    below.on('error', (error) => this.failed(error));
  }

  override _read(): void {
    this.#below.resume();
  }

  override _write(chunk: Buffer, _encoding: unknown, done: (error?: Error | null) => void): void {
    if (!this.#hasRandom && chunk.length >= RANDOM_AT + RANDOM_BYTES) {
      this.#random.set(chunk.subarray(RANDOM_AT, RANDOM_AT + RANDOM_BYTES));
      this.#hasRandom = true;
    }
    this.#below.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#below.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#below.destroy();
    done(error);
  }

  #arrived(chunk: Buffer): void {
    const held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (!this.#isEncrypted && held.length - at >= RECORD_HEAD) {
      const end = at + RECORD_HEAD + held.readUInt16BE(at + 3);
      if (end - at > RECORD_BYTES_MAX) {
        this.failed(new Distrusted('tls failed'));
        return;
      }
      if (end > held.length) break;
      if (!this.#guard.accepts(held.subarray(at, end))) {
        this.#refuse();
        return;
      }
      this.#isEncrypted = held[at] === CHANGE_CIPHER_SPEC;
      at = end;
    }
    const passed = this.#isEncrypted ? held.length : at;
    this.#held = held.subarray(passed);
    if (passed > 0 && !this.push(held.subarray(0, passed))) this.#below.pause();
  }

  #refuse(): void {
    const { verdict } = this.#proof;
    const isTrusted = verdict === undefined || verdict === 'trusted';
    this.failed(new Distrusted(isTrusted ? 'tls failed' : verdict));
  }
}
