/**
 * UDP under Node, on loopback unless told otherwise. Binding takes a turn of the event loop: until
 * then the port reads 0 and what is sent is lost, as datagrams may be.
 */
import { createSocket } from 'node:dgram';
import type { DatagramHandler, DatagramSocket, Datagrams } from '../../firmware/ports.ts';
import type { BindOptions } from './listener.ts';
import { Release } from './release.ts';

export class LiveDatagrams implements Datagrams {
  readonly #options: BindOptions;

  constructor(options: BindOptions = {}) {
    this.#options = options;
  }

  bind(port: number, received: DatagramHandler): DatagramSocket {
    const { host = '127.0.0.1', bound, failed, gate } = this.#options;
    const socket = createSocket('udp4');
    const release = new Release(gate, socket);
    let boundPort = 0;
    let isClosed = false;
    socket.on('error', (error) => failed?.(error));
    socket.on('message', (bytes, from) => {
      if (!isClosed) received(bytes, bytes.length, from.address, from.port);
    });
    socket.bind(this.#options.port ?? port, host, () => {
      boundPort = socket.address().port;
      bound?.(boundPort);
    });
    return {
      get port() {
        return boundPort;
      },
      send: (from, length, address, to) => {
        // Node throws for port 0, and tells an address that it cannot send to.
        if (boundPort === 0 || isClosed || to === 0) return;
        socket.send(Uint8Array.prototype.slice.call(from, 0, length), to, address, () => {});
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        release.begin();
        socket.close();
      },
    };
  }
}
