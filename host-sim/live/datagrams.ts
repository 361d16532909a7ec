/**
 * UDP under Node. What asks for a port is on loopback, unless told otherwise; what asks for any port
 * is a client's, and may send anywhere. Binding takes a turn of the event loop: until then the port
 * reads 0, and what is sent waits.
 */
import { createSocket } from 'node:dgram';
import type { DatagramHandler, DatagramSocket, Datagrams } from '../../firmware/ports.ts';
import type { BindOptions } from './listener.ts';
import { Release } from './release.ts';

/** Datagrams that wait for their socket; more are lost, as datagrams may be. */
const WAITING_MAX = 8;

export class LiveDatagrams implements Datagrams {
  readonly #options: BindOptions;

  constructor(options: BindOptions = {}) {
    this.#options = options;
  }

  bind(port: number, received: DatagramHandler): DatagramSocket {
    const { host = port === 0 ? undefined : '127.0.0.1', bound, failed, gate } = this.#options;
    const socket = createSocket('udp4');
    const release = new Release(gate, socket);
    let boundPort = 0;
    let isClosed = false;
    const waiting: (() => void)[] = [];
    socket.on('error', (error) => failed?.(error));
    socket.on('message', (bytes, from) => {
      if (!isClosed) received(bytes, bytes.length, from.address, from.port);
    });
    socket.bind(this.#options.port ?? port, host, () => {
      boundPort = socket.address().port;
      bound?.(boundPort);
      for (const send of waiting.splice(0)) send();
    });
    return {
      get port() {
        return boundPort;
      },
      send: (from, length, address, to) => {
        // Node throws for port 0, and tells an address that it cannot send to.
        if (isClosed || to === 0) return;
        const bytes = Uint8Array.prototype.slice.call(from, 0, length);
        const send = () => socket.send(bytes, to, address, () => {});
        if (boundPort !== 0) send();
        else if (waiting.length < WAITING_MAX) waiting.push(send);
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        waiting.length = 0;
        gate?.closing();
        release.closed();
        socket.close();
      },
    };
  }
}
