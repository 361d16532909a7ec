/**
 * A scripted phone at a board's set-up network: it gets on, asks for names, looks whether it is
 * online, fetches pages and posts their forms, is thrown off and comes back.
 *
 * It is told its answers from the event queue, `undefined` where there is none: because it is off
 * the network, was thrown off meanwhile, or waited too long.
 */

import type { Transport } from '../../firmware/ports.ts';
import { type Air, VirtualDatagrams } from './datagrams.ts';
import type { Scheduled } from './event-queue.ts';
import { PORTAL_ADDRESS } from './listener.ts';
import { type Internet, VirtualNetwork } from './network.ts';
import type { VirtualRadio, Visitor } from './radio.ts';

/** Where a phone is. */
export interface Surroundings {
  readonly radio: VirtualRadio;
  /** The set-up network's connections and datagrams. */
  readonly inside: Internet;
  readonly air: Air;
}

export interface PhoneRequest {
  readonly method?: string;
  readonly path: string;
  /** The portal's address unless given. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface PhoneResponse {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const JOIN_MS = 800;
const REJOIN_MS = 3000;
const ANSWER_MS_MAX = 15_000;
const NAME_MS_MAX = 5000;
const DNS_PORT = 53;
const TYPE_A = 1;
const PIECE_BYTES = 1460;

export class VirtualPhone implements Visitor {
  isOn = false;
  /** Why the last try to get on failed. */
  refusal: 'not found' | 'refused' | undefined;
  /** Times that it was thrown off. */
  falls = 0;
  /** Comes back by itself after a fall. */
  comesBack = true;
  readonly #world: Surroundings;
  readonly #network: VirtualNetwork;
  readonly #datagrams: VirtualDatagrams;
  #known: { ssid: string; password: string } | undefined;
  #joining: Scheduled | undefined;

  /** @param address its own in the set-up network. */
  constructor(world: Surroundings, address = '192.168.4.2') {
    this.#world = world;
    this.#network = new VirtualNetwork(world.inside, world.radio.random.fork(`phone ${address}`));
    this.#datagrams = new VirtualDatagrams(world.air, address);
  }

  /** Its link to the board. */
  get link(): VirtualNetwork {
    return this.#network;
  }

  /** Tries to get on until it is, or until the password is refused. */
  join(ssid: string, password: string): void {
    this.#known = { ssid, password };
    this.#joinAfter(JOIN_MS);
  }

  /** Leaves by itself, and stays off. */
  leave(): void {
    this.#joining?.cancel();
    this.#world.radio.dissociate(this);
    this.#fall();
  }

  thrownOff(): void {
    this.falls += 1;
    this.#fall();
    if (this.comesBack) this.#joinAfter(REJOIN_MS);
  }

  /** Looks a name up; `done` has the address, '' for an answer without one. */
  lookUp(name: string, done: (address: string | undefined) => void): void {
    const { queue } = this.#world.radio;
    const socket = this.#datagrams.bind(0, (bytes, length) => {
      timer.cancel();
      socket.close();
      done(addressIn(bytes.subarray(0, length)));
    });
    const timer = queue.after(NAME_MS_MAX, () => {
      socket.close();
      done(undefined);
    });
    const query = queryFor(name);
    if (this.isOn) socket.send(query, query.length, PORTAL_ADDRESS, DNS_PORT);
  }

  /** Sends one request and waits for the end of its answer. */
  request(request: PhoneRequest, done: (response: PhoneResponse | undefined) => void): void {
    const { queue } = this.#world.radio;
    if (!this.isOn) {
      queue.after(0, () => done(undefined));
      return;
    }
    const exchange = new Exchange(textOf(request));
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      transport.close();
      done(exchange.response());
    };
    const timer = queue.after(ANSWER_MS_MAX, over);
    const target = { host: '', address: PORTAL_ADDRESS, port: 80, path: '' };
    const pump = (): void => exchange.pump(transport);
    const transport = this.#network.connect(target, {
      opened: pump,
      readable: pump,
      writable: pump,
      closed: over,
    });
  }

  #joinAfter(delayMs: number): void {
    const { radio } = this.#world;
    this.#joining?.cancel();
    this.#joining = radio.queue.after(delayMs, () => {
      if (this.#known === undefined) return;
      this.refusal = radio.associate(this, this.#known.ssid, this.#known.password);
      this.isOn = this.refusal === undefined;
      if (this.refusal === 'not found') this.#joinAfter(REJOIN_MS);
    });
  }

  /** The board hears nothing of it: its connections are half open there. */
  #fall(): void {
    this.isOn = false;
    this.#network.dropAll('unreachable');
  }
}

/** One request on one connection. */
class Exchange {
  readonly #request: Uint8Array;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #sent = 0;
  readonly #received: Buffer[] = [];

  constructor(request: string) {
    this.#request = Uint8Array.from(Buffer.from(request, 'latin1'));
  }

  pump(transport: Transport): void {
    this.#sent += transport.write(this.#request, this.#sent, this.#request.length);
    for (;;) {
      const count = transport.read(this.#piece, 0, PIECE_BYTES);
      if (count === 0) return;
      this.#received.push(Buffer.from(this.#piece.slice(0, count)));
    }
  }

  /** What came; undefined when the head or, by its length, the body is not whole. */
  response(): PhoneResponse | undefined {
    const all = Buffer.concat(this.#received);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first, ...lines] = all.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    const body = all.subarray(end + 4);
    const length = headers.get('content-length');
    if (length !== undefined && body.length !== Number(length)) return undefined;
    return { status: Number(first.split(' ')[1]), headers, body: body.toString() };
  }
}

function textOf({ method = 'GET', path, host, headers = {}, body }: PhoneRequest): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host ?? PORTAL_ADDRESS}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) {
    lines.push('Content-Type: application/x-www-form-urlencoded');
    lines.push(`Content-Length: ${body.length}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

function queryFor(name: string): Uint8Array {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Uint8Array.of(0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, TYPE_A, 0, 1);
}

/** The last four bytes of an answer that has one. */
function addressIn(reply: Uint8Array): string {
  const answers = (reply[6] << 8) | reply[7];
  return answers === 0 ? '' : reply.slice(-4).join('.');
}
