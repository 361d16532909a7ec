/** UDP sockets. The platform releases them in `close`; what was sent goes out meanwhile. */

import UDP from 'embedded:io/socket/udp';
import type { DatagramHandler, DatagramSocket, Datagrams } from '../ports.ts';

export class BoardDatagrams implements Datagrams {
  private readonly closing: () => void;

  /** @param closing told of each socket that is closed */
  constructor(closing: () => void) {
    this.closing = closing;
  }

  bind(port: number, received: DatagramHandler): DatagramSocket {
    const socket = new UDP({
      port,
      onReadable: (count) => {
        for (let i = 0; i < count; i++) {
          const datagram = socket.read();
          // The handler before may have closed the socket, and dropped what waited.
          if (isClosed || datagram === undefined) return;
          const bytes = new Uint8Array(datagram);
          received(bytes, bytes.length, datagram.address, datagram.port);
        }
      },
    });
    let isClosed = false;
    return {
      port,
      send: (from, length, address, to) => {
        try {
          socket.write(from.subarray(0, length), address, to);
        } catch {
          // Lost, as datagrams are.
        }
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        this.closing();
        socket.close();
      },
    };
  }
}
