/** The words that the supervisor and its shell share: where it stands, and what is to be done. */

import type { After } from '../base/moves.ts';

/**
 * Where the supervisor's inputs lead; see base/moves.ts. `offline` waits: for Wi-Fi's next attempt,
 * or, with Wi-Fi joined, for the broker's. `awaiting time`: nothing is connected to before the clock
 * is set, where certificates are to be judged.
 */
export const LINK_MOVES = Object.freeze({
  stopped: { start: ['offline', 'joining'] },
  offline: { wake: ['joining', 'resolving'], stop: ['stopped'] },
  joining: {
    wifiJoined: ['offline', 'resolving'],
    wifiFailed: ['offline'],
    wake: ['offline'],
    stop: ['stopped'],
  },
  resolving: {
    resolved: ['awaiting time', 'connecting', 'offline'],
    wifiFailed: ['offline'],
    ended: ['offline'],
    wake: ['offline'],
    stop: ['stopped'],
  },
  'awaiting time': {
    wifiFailed: ['offline'],
    ended: ['offline'],
    wake: ['connecting', 'offline'],
    stop: ['stopped'],
  },
  connecting: {
    opened: ['handshaking'],
    wifiFailed: ['offline'],
    ended: ['offline'],
    wake: ['offline'],
    stop: ['stopped'],
  },
  handshaking: {
    connected: ['online'],
    refused: ['offline'],
    disconnected: ['offline'],
    wifiFailed: ['offline'],
    ended: ['offline'],
    wake: ['offline'],
    stop: ['stopped'],
  },
  online: {
    disconnected: ['offline'],
    wifiFailed: ['offline'],
    ended: ['offline'],
    stop: ['closing'],
  },
  closing: {
    disconnected: ['stopped'],
    wifiFailed: ['stopped'],
    ended: ['stopped'],
    wake: ['stopped'],
  },
} as const);

export type LinkState = keyof typeof LINK_MOVES;

/** The states that may follow. */
export type AfterLink<From extends LinkState> = After<typeof LINK_MOVES, From>;

/**
 * What the shell is to do.
 * - `close`: end whatever is under way: the lookup, the connect, the transport. Idempotent.
 * - `leave`: leave Wi-Fi or stop joining. Idempotent.
 * - `join`: join Wi-Fi; answer with wifiJoined or wifiFailed.
 * - `resolve`: look `host` up; answer with resolved.
 * - `connect`: open a transport to `host`, `address`, `port`; answer with opened or ended.
 * - `open session`: send CONNECT in `version`; answer with connected, refused or ended.
 * - `say goodbye`: send DISCONNECT and close; answer with ended('goodbye said').
 */
export type LinkAction =
  | 'none'
  | 'close'
  | 'leave'
  | 'join'
  | 'resolve'
  | 'connect'
  | 'open session'
  | 'say goodbye';
