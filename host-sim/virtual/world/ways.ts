/**
 * How a board in the world reaches its broker, one `Network` for each scheme: over TLS in a world
 * that has it, WebSocket by the firmware's own code, and each with the world's watch on it.
 */

import { WebSocketNetwork } from '../../../firmware/network/websocket/websocket-network.ts';
import type { Network, Scheme } from '../../../firmware/ports.ts';
import type { VirtualClock } from '../clock.ts';
import { TlsNetwork } from '../tls.ts';
import type { Board } from './board.ts';
import type { Surroundings } from './surroundings.ts';
import { WatchedNetwork } from './watched-network.ts';

/** Those of one boot. @param clock the board's, which judges certificates */
export function waysToBroker(
  world: Surroundings,
  board: Board,
  clock: VirtualClock,
): () => Record<Scheme, Network> {
  const { queue, trace } = world;
  const { guard, boots } = board;
  const plain = new WatchedNetwork(reach(world, board, clock), guard, board.link);
  const webSocket = new WebSocketNetwork(plain, {
    random: board.random.fork(`masks ${boots}`),
    defaultPort: 80,
    later: (work) => queue.after(0, () => guard(work)),
  });
  const shown = (way: Network): Network => trace?.tap(queue, board.id, way) ?? way;
  const [mqtt, ws] = [plain, webSocket].map(shown);
  return () => ({ mqtt, mqtts: mqtt, ws, wss: ws });
}

function reach({ tls, queue }: Surroundings, board: Board, clock: VirtualClock): Network {
  const { network, guard, random, boots } = board;
  if (tls === undefined) return network;
  return new TlsNetwork(network, {
    queue,
    random: random.fork(`tls ${boots}`),
    identities: tls.identities,
    now: () => (clock.quality() === 'none' ? undefined : clock.wall()),
    guard,
  });
}
