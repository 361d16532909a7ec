/** A WebSocket over a network that gives what the input holds; for the targets of handshake and frames. */

import { WebSocketNetwork } from '../../firmware/network/websocket/websocket-network.ts';
import type { CloseReason, Transport, TransportHandler } from '../../firmware/ports.ts';

/** The right answer to a nonce of zeros. */
export const KEY_ACCEPT = 'ICX+Yqv66kxgM0FcWaLWlFLwTAI=';
export const ANSWER =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${KEY_ACCEPT}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`;

/** What became of it. */
export interface Outcome {
  /** How often the owner was told that it is up, or has ended, and why. */
  readonly told: string[];
  /** The stream of bytes. */
  readonly data: number[];
}

/**
 * Feeds the bytes in pieces, and reads what comes of them.
 * @param keeps whether the stream's bytes are kept
 */
export function connectWith(input: Uint8Array, piece: number, keeps = true): Outcome {
  const outcome: Outcome = { told: [], data: [] };
  const works: (() => void)[] = [];
  let above: TransportHandler | undefined;
  let at = 0;
  let until = 0;
  let isClosed = false;
  const below: Transport = {
    read(into, start, end) {
      if (isClosed) throw new Error('read after close');
      const count = Math.min(end - start, until - at);
      for (let i = 0; i < count; i++) into[start + i] = input[at++];
      return count;
    },
    write: (_from, start, end) => end - start,
    close() {
      isClosed = true;
    },
  };
  const network = new WebSocketNetwork(
    {
      resolve: () => ({ cancel() {} }),
      connect(_target: unknown, handler: TransportHandler) {
        above = handler;
        return below;
      },
    },
    { random: { below: () => 0 }, defaultPort: 80, later: (work) => works.push(work) },
  );
  const into = new Uint8Array(64);
  const owner: TransportHandler = {
    opened: () => outcome.told.push('opened'),
    readable() {
      for (
        let count = transport.read(into, 0, 64);
        count > 0;
        count = transport.read(into, 0, 64)
      ) {
        for (let i = 0; i < count && keeps; i++) outcome.data.push(into[i]);
      }
    },
    writable() {},
    closed: (reason: CloseReason) => outcome.told.push(reason),
  };
  const target = { host: 'h', address: '10.0.0.1', port: 80, path: '/mqtt' };
  const transport: Transport = network.connect(target, owner);
  above?.opened();
  while (until < input.length && !isClosed) {
    until = Math.min(until + piece, input.length);
    above?.readable();
    for (let work = works.shift(); work !== undefined; work = works.shift()) work();
  }
  if (outcome.told.length > 2) throw new Error(`told ${outcome.told}`);
  return outcome;
}
