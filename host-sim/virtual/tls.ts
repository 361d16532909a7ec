/**
 * TLS in the world: a `Network` over another one, with the firmware's own trust at the board's end,
 * and servers that show certificates at the other.
 *
 *   const tls = new TlsServer(queue, random, identitiesFor('broker.test'));
 *   tls.accept(end, (secured) => broker.accept(secured));
 *   const network = new TlsNetwork(below, { queue, random, identities, now, guard });
 */

import { HandshakeGuard } from '../../firmware/network/tls/handshake-guard.ts';
import { CURVES } from '../../firmware/network/tls/public-key.ts';
import { Message, RANDOM_BYTES, ServerProof } from '../../firmware/network/tls/server-proof.ts';
import type {
  Cancel,
  CloseReason,
  Curve,
  Network,
  Target,
  Transport,
  TransportHandler,
} from '../../firmware/ports.ts';
import type { EventQueue } from './event-queue.ts';
import type { Acceptor, ServerEnd } from './network.ts';
import type { SeededRandom } from './random.ts';
import { PlainSignatureMath } from './signature-math.ts';
import { GENERATORS } from './signatures/big-math.ts';
import { join } from './signatures/der-writer.ts';
import type { Identities, IdentityKind } from './tls-identities.ts';
import { Content, type TlsRole, TlsStream } from './tls-stream.ts';

const CLIENT_HELLO = 1;
const HEAD = 5;
/** P-256, and a point that nobody calculates with. */
const PARAMETERS = Uint8Array.of(3, 0, 23, 2, 4, 7);
const FINISHED = new Uint8Array(40);
const NOTHING = new Uint8Array(0);

export interface TlsOptions {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly identities: Identities;
  /** Unix milliseconds; undefined: nobody knows. */
  now(): number | undefined;
  /** Runs calls into the firmware. */
  guard(call: () => void): void;
}

/**
 * The arithmetic for keys that are open: where the number is known that makes a point of the
 * generator, one multiplication is enough, and for a signature of this world one by 1.
 */
class OpenKeyMath extends PlainSignatureMath {
  readonly #keys: Identities['keys'];

  constructor({ keys }: Identities) {
    super();
    this.#keys = keys;
  }

  override combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): bigint {
    const known = curve === 'P-256' ? this.#keys.find((key) => key.x === x) : undefined;
    if (known === undefined) return super.combine(curve, a, b, x, y);
    const { order } = CURVES[curve];
    const { x: gx, y: gy } = GENERATORS[curve];
    return super.combine(curve, (a + b * known.secret) % order, 0n, gx, gy);
  }
}

/** The board's end. */
export class TlsNetwork implements Network {
  readonly #below: Network;
  readonly #options: TlsOptions;

  constructor(below: Network, options: TlsOptions) {
    this.#below = below;
    this.#options = options;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    return this.#below.resolve(host, done);
  }

  connect(target: Target, handler: TransportHandler): Transport {
    const stream = new TlsStream(this.#options.queue);
    stream.handler = handler;
    stream.role = new ClientRole(stream, target.host, this.#options);
    stream.below = this.#below.connect(target, stream);
    return stream;
  }
}

class ClientRole implements TlsRole {
  readonly #stream: TlsStream;
  readonly #random: Uint8Array;
  readonly #run: TlsOptions['guard'];
  readonly #proof: ServerProof;
  readonly #guard: HandshakeGuard;
  #isAnswered = false;

  constructor(stream: TlsStream, name: string, options: TlsOptions) {
    const { identities, now } = options;
    this.#stream = stream;
    this.#random = randomBytes(options.random);
    this.#run = options.guard;
    const { authorities } = identities;
    const subject = { name, authorities, now, clientRandom: () => this.#random };
    this.#proof = new ServerProof(subject, new OpenKeyMath(identities));
    this.#guard = new HandshakeGuard(this.#proof);
  }

  begin(): void {
    // No session, one cipher suite, no compression.
    const rest = Uint8Array.of(0, 0, 2, 0xc0, 0x2b, 1, 0);
    const hello = join([Uint8Array.of(3, 3), this.#random, rest]);
    this.#stream.send(Content.handshake, message(CLIENT_HELLO, hello));
  }

  take(record: Uint8Array): 'open' | 'more' | CloseReason {
    let isGood = false;
    this.#run(() => {
      isGood = this.#guard.accepts(record);
    });
    if (!isGood) {
      const { verdict } = this.#proof;
      return verdict === undefined || verdict === 'trusted' ? 'tls failed' : verdict;
    }
    const isDone = record[0] === Content.handshake && record[HEAD] === Message.helloDone;
    if (isDone && !this.#isAnswered) {
      this.#isAnswered = true;
      this.#stream.send(Content.changeCipher, Uint8Array.of(1));
      this.#stream.send(Content.handshake, FINISHED);
      return 'more';
    }
    // The last of the server's records is its Finished, behind ChangeCipherSpec.
    return this.#isAnswered && record.length === HEAD + FINISHED.length ? 'open' : 'more';
  }
}

/** The servers' end; what it shows may change at any time. */
export class TlsServer {
  shows: IdentityKind = 'good';
  readonly identities: Identities;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;

  constructor(queue: EventQueue, random: SeededRandom, identities: Identities) {
    this.#queue = queue;
    this.#random = random;
    this.identities = identities;
  }

  /** Does the handshake on a connection; `accept` gets it when that is done. */
  accept(end: ServerEnd, accept: Acceptor): void {
    const stream = new SecuredEnd(this.#queue, end);
    const random = randomBytes(this.#random);
    stream.role = new ServerRole(stream, this.identities, this.shows, random);
    stream.below = end;
    stream.handler = { opened: () => accept(stream), readable() {}, writable() {}, closed() {} };
    end.handler = stream;
  }
}

class SecuredEnd extends TlsStream implements ServerEnd {
  readonly #end: ServerEnd;

  constructor(queue: EventQueue, end: ServerEnd) {
    super(queue);
    this.#end = end;
  }

  get sockets(): ServerEnd['sockets'] {
    return this.#end.sockets;
  }

  get inboundIsFaulty(): boolean {
    return this.#end.inboundIsFaulty;
  }

  abort(): void {
    this.close();
    this.#end.abort();
  }

  vanish(): void {
    this.#end.vanish();
  }
}

class ServerRole implements TlsRole {
  readonly #stream: TlsStream;
  readonly #identities: Identities;
  readonly #shows: IdentityKind;
  readonly #random: Uint8Array;
  #isEncrypted = false;

  constructor(stream: TlsStream, all: Identities, shows: IdentityKind, random: Uint8Array) {
    this.#stream = stream;
    this.#identities = all;
    this.#shows = shows;
    this.#random = random;
  }

  begin(): void {}

  take(record: Uint8Array): 'open' | 'more' | CloseReason {
    if (record[0] === Content.changeCipher) {
      this.#isEncrypted = true;
      return 'more';
    }
    if (record[0] !== Content.handshake) return 'tls failed';
    if (this.#isEncrypted) {
      this.#stream.send(Content.changeCipher, Uint8Array.of(1));
      this.#stream.send(Content.handshake, FINISHED);
      return 'open';
    }
    this.#answer(record.subarray(HEAD + 6, HEAD + 6 + RANDOM_BYTES));
    return 'more';
  }

  #answer(theirs: Uint8Array): void {
    const { chain, key } = this.#identities.of[this.#shows];
    const suite = Uint8Array.of(0, 0xc0, 0x2b, 0);
    const hello = join([Uint8Array.of(3, 3), this.#random, suite]);
    const signature = key.sign(join([theirs, this.#random, PARAMETERS]));
    const scheme = Uint8Array.of(...key.tlsScheme, signature.length >> 8, signature.length & 0xff);
    const list = join(chain.flatMap((der) => [size(der.length), der]));
    const { handshake } = Content;
    this.#stream.send(handshake, message(Message.serverHello, hello));
    this.#stream.send(handshake, message(Message.certificate, join([size(list.length), list])));
    const exchange = join([PARAMETERS, scheme, signature]);
    this.#stream.send(handshake, message(Message.keyExchange, exchange));
    this.#stream.send(handshake, message(Message.helloDone, NOTHING));
  }
}

function message(type: number, body: Uint8Array): Uint8Array {
  return join([Uint8Array.of(type), size(body.length), body]);
}

function size(bytes: number): Uint8Array {
  return Uint8Array.of(bytes >> 16, (bytes >> 8) & 0xff, bytes & 0xff);
}

function randomBytes(random: SeededRandom): Uint8Array {
  const bytes = new Uint8Array(RANDOM_BYTES);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = random.next32();
  return bytes;
}
