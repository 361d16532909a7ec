/** The words that the supervisor and its shell share: where it stands, and what is to be done. */

/**
 * `offline` waits: for Wi-Fi's next attempt, or, with Wi-Fi joined, for the broker's. `awaiting
 * time`: nothing is connected to before the clock is set, where certificates are to be judged.
 */
export type LinkState =
  | 'stopped'
  | 'offline'
  | 'joining'
  | 'resolving'
  | 'awaiting time'
  | 'connecting'
  | 'handshaking'
  | 'online'
  | 'closing';

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
