/**
 * The set-up network's servers on the board's sockets: names on UDP 53, the page on TCP 80. It
 * carries bytes and decides nothing; `changed` is called when the deadline may be another.
 */

import type {
  Clock,
  DatagramSocket,
  Datagrams,
  Listener,
  Listening,
  Transport,
} from '../../ports.ts';
import { DNS_REPLY_BYTES_MAX, DnsResponder } from '../dns-responder.ts';
import type { RequestHandler } from '../http/request.ts';
import { HttpServer } from '../http/server.ts';

/** The board's address in its own network, as ports.ts promises. */
const ADDRESS: readonly number[] = Object.freeze([192, 168, 4, 1]);
const DNS_PORT = 53;
const HTTP_PORT = 80;

export class PortalServers {
  private readonly clock: Clock;
  private readonly listener: Listener;
  private readonly datagrams: Datagrams;
  private readonly changed: () => void;
  private readonly http: HttpServer;
  private readonly dns = new DnsResponder(Uint8Array.from(ADDRESS));
  private readonly reply = new Uint8Array(DNS_REPLY_BYTES_MAX);
  private listening: Listening | undefined;
  private socket: DatagramSocket | undefined;

  constructor(
    clock: Clock,
    listener: Listener,
    datagrams: Datagrams,
    routes: RequestHandler,
    changed: () => void,
  ) {
    this.clock = clock;
    this.listener = listener;
    this.datagrams = datagrams;
    this.changed = changed;
    this.http = new HttpServer(routes);
  }

  /** Answers from now on; idempotent. */
  open(): void {
    if (this.listening !== undefined) return;
    this.listening = this.listener.listen(HTTP_PORT, (transport) => this.accept(transport));
    this.socket = this.datagrams.bind(DNS_PORT, (bytes, length, address, port) => {
      const end = this.dns.answer(bytes, length, this.reply);
      if (end > 0) this.socket?.send(this.reply, end, address, port);
    });
  }

  /** Closes the sockets and every connection; idempotent, and `open` may follow. */
  close(): void {
    this.listening?.close();
    this.listening = undefined;
    this.socket?.close();
    this.socket = undefined;
    this.http.stop();
  }

  deadline(): number {
    return this.http.deadline();
  }

  wake(now: number): void {
    this.http.wake(now);
  }

  private accept(transport: Transport) {
    const { http, clock, changed } = this;
    const connection = http.accept(transport, clock.now());
    const pump = (): void => {
      http.pump(connection, clock.now());
      changed();
    };
    changed();
    return {
      opened() {},
      readable: pump,
      writable: pump,
      closed: () => {
        http.closed(connection, clock.now());
        changed();
      },
    };
  }
}
