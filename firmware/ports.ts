/**
 * The ports: everything that the firmware asks of the world, as interfaces only.
 *
 * Three folders implement them under the same file names: `firmware/esp32/` on the board,
 * `host-sim/live/` under Node and `host-sim/virtual/` on the event queue. Sans-IO files never
 * import this one; only shells do (connection, portal, flash log, config store, device).
 *
 * Every handler is called from the event loop, never from inside the call that it answers.
 *
 * A socket is gone when the platform has released it, some time after `close`. What takes a network
 * from under sockets, or the board, waits for that: `leave`, `join`, `openAccessPoint` where it moves
 * one, `closeAccessPoint` and `restart` return at once and are done, in their order, when every
 * closed socket is released, or after two seconds (`network/orderly.ts` makes it so for every radio).
 * Whoever leaves a network closes what is open on it before. A network that goes away by itself ends
 * its transports with `network lost`.
 */

/** How far wall time can be trusted: never set, drifting since the last sync, or synchronised. */
export type TimeQuality = 'none' | 'estimated' | 'sync';

/** Monotonic and wall time. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back, never wraps. */
  now(): number;
  /** Unix time in milliseconds; meaningless while `quality()` is `none`. */
  wall(): number;
  /** How far `wall()` can be trusted. */
  quality(): TimeQuality;
}

/** A clock that has to be told the time. */
export interface SettableClock extends Clock {
  /** It is this now, in Unix milliseconds. */
  set(wall: number): void;
  /** Names who can tell how far `wall()` is to be trusted; before that, nobody can. */
  judgedBy(judge: (now: number) => TimeQuality): void;
}

/** The device's one timer. Setting it again replaces the earlier time. */
export interface Alarm {
  /** Rings once at `at` (in `Clock.now()` milliseconds), or at once if that is past. */
  set(at: number): void;
  clear(): void;
}

/** Why a transport could not be opened, or ended. The words are stable: logs and JSON carry them. */
export type CloseReason =
  | 'closed by peer'
  | 'reset'
  | 'refused'
  | 'unreachable'
  | 'timed out'
  | 'certificate not trusted'
  | 'certificate name mismatch'
  | 'certificate expired'
  | 'certificate has no names'
  | 'certificate not for servers'
  | 'certificate not understood'
  | 'certificate algorithm'
  | 'certificate malformed'
  | 'clock not set'
  | 'tls failed'
  | 'websocket refused'
  | 'not websocket'
  | 'websocket broken'
  /** The network under it went away: Wi-Fi was lost, or left. */
  | 'network lost'
  | 'local error';

/** What a transport tells its owner. Nothing is called after `closed`, or after `Transport.close`. */
export interface TransportHandler {
  /** Connected, with TLS and WebSocket handshakes done. Once. */
  opened(): void;
  /** There are bytes to read; called again when more arrive after a read returned 0. */
  readable(): void;
  /** There is room again after a write took less than it was given. */
  writable(): void;
  /** The connection could not be made or has ended; buffered bytes were readable before. Once. */
  closed(reason: CloseReason): void;
}

/** One connection, as a byte stream. */
export interface Transport {
  /** Copies received bytes to `into[start..end)`; returns how many, 0 for none yet. */
  read(into: Uint8Array, start: number, end: number): number;
  /** Takes bytes of `from[start..end)`, copying them; returns how many, 0 = full: wait for writable. */
  write(from: Uint8Array, start: number, end: number): number;
  /**
   * Ends the connection after what was written, and begins the release of its socket; idempotent and
   * silent: no handler is called.
   */
  close(): void;
}

/** Where to connect. */
export interface Target {
  /** The name, for TLS's server name and WebSocket's Host. */
  readonly host: string;
  /** What `resolve` gave for it. */
  readonly address: string;
  readonly port: number;
  /** WebSocket's path, with its leading slash. */
  readonly path: string;
}

/** Gives up an operation under way; its handler is not called any more. Idempotent. */
export interface Cancel {
  cancel(): void;
}

/** A way to reach brokers: TCP, TLS, WebSocket and WebSocket over TLS are one Network each. */
export interface Network {
  /** Looks a name up; an address is returned as it is. `address` is empty when there is none. */
  resolve(host: string, done: (address: string) => void): Cancel;
  connect(target: Target, handler: TransportHandler): Transport;
}

/** The schemes a broker can be reached by. */
export type Scheme = 'mqtt' | 'mqtts' | 'ws' | 'wss';

/** Why the radio did not join, or was lost. */
export type JoinFailure = 'password refused' | 'not found' | 'no address' | 'lost' | 'timed out';

/** What the radio tells. */
export interface WiFiHandler {
  /** Associated and addressed. */
  joined(): void;
  /** Joining failed, or the network was lost after it had been joined. */
  failed(reason: JoinFailure): void;
}

/** The radio as a station of one network. */
export interface WiFi {
  /** Starts joining the configured network. */
  join(handler: WiFiHandler): void;
  /** Leaves, or stops joining, in order; the handler is not called any more. Idempotent. */
  leave(): void;
  /** Signal strength in dBm, channel and BSSID of the network joined; undefined when not joined. */
  link(): { rssi: number; channel: number; bssid: string } | undefined;
}

/** Addresses that are set by hand instead of by DHCP, each as dotted IPv4. */
export interface FixedAddress {
  readonly address: string;
  readonly netmask: string;
  readonly gateway: string;
  readonly dns: string;
}

/** A Wi-Fi network to join. */
export interface WiFiNetwork {
  /** 1 to 32 bytes, any. */
  readonly ssid: Uint8Array;
  /** 8 to 63 ASCII characters, 64 hex digits, or empty for an open network. */
  readonly password: string;
  /** Undefined: DHCP. */
  readonly fixed?: FixedAddress;
}

/** A network as a scan found it; its strongest access point where there are several. */
export interface FoundNetwork {
  readonly ssid: Uint8Array;
  /** Signal strength in dBm. */
  readonly rssi: number;
  readonly channel: number;
  /** Whether it asks for a password. */
  readonly secure: boolean;
}

/** The set-up network that a board opens. */
export interface AccessPointSettings {
  readonly ssid: string;
  /** WPA2, 8 to 63 ASCII characters. */
  readonly password: string;
  readonly channel: number;
}

/** The whole radio: a station, scans, and an access point beside it. */
export interface Radio {
  /** The station's address, 6 bytes. */
  readonly mac: Uint8Array;
  /** A station of this network. There is one radio: `join` ends what another station joined. */
  station(network: WiFiNetwork): WiFi;
  /** Looks for networks, strongest first, each name once. It hops channels: not while phones are on. */
  scan(done: (networks: readonly FoundNetwork[]) => void): Cancel;
  /**
   * Opens the access point, or moves it to other settings, in order; the board is 192.168.4.1 in it.
   * @throws Error where there is none and it cannot be opened
   */
  openAccessPoint(settings: AccessPointSettings, handler: AccessPointHandler): void;
  /** Closes it, in order; its handler is not called any more. Idempotent. */
  closeAccessPoint(): void;
}

/** What an access point tells. */
export interface AccessPointHandler {
  /** It is there, with the settings of this `openAccessPoint`: sockets can be opened on it. */
  opened(): void;
  /** The number of phones that are on it has changed. */
  stations(count: number): void;
}

/** Takes TCP connections. */
export interface Listener {
  /**
   * @param accept called for each connection; gives its handler (`opened` is not called), or
   *   undefined to have it closed
   * @returns what ends it; connections that were taken live on
   */
  listen(port: number, accept: (transport: Transport) => TransportHandler | undefined): Listening;
}

export interface Listening {
  /** The port that was bound: a simulator may bind another one than was asked for. */
  readonly port: number;
  /** Begins the release of its socket; idempotent. */
  close(): void;
}

/** UDP. */
export interface Datagrams {
  /** @param received `bytes[0..length)` is valid during the call */
  bind(port: number, received: DatagramHandler): DatagramSocket;
}

export type DatagramHandler = (
  bytes: Uint8Array,
  length: number,
  address: string,
  port: number,
) => void;

export interface DatagramSocket {
  readonly port: number;
  /** Sends `from[0..length)`, copying it; what cannot be sent is lost, as datagrams are. */
  send(from: Uint8Array, length: number, address: string, port: number): void;
  /** Begins the release of the socket; idempotent. */
  close(): void;
}

/** The board's light. */
export interface Light {
  set(isOn: boolean): void;
}

/** The board's button. */
export interface Button {
  readonly isHeld: boolean;
}

/**
 * A flash partition with NOR semantics: an erase sets a block to 0xFF, and each aligned word is
 * written at most once per erase. Offsets and lengths of `write` are multiples of `writeAlignment`.
 */
export interface Flash {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly writeAlignment: number;
  read(offset: number, into: Uint8Array, start: number, end: number): void;
  write(offset: number, from: Uint8Array, start: number, end: number): void;
  /** Erases one block by its index. */
  erase(block: number): void;
}

/**
 * The CRC-32 of `bytes[start..end)` as IEEE 802.3 and zlib have it, 0 to 2^32 - 1. `base/crc32.ts` is
 * one; a chip has another in its ROM.
 */
export type Crc32 = (bytes: Uint8Array, start: number, end: number) => number;

/** SHA-256 (FIPS 180-4): writes the 32 bytes of all of `bytes` to `into` at `at`. */
export type Digest = (bytes: Uint8Array, into: Uint8Array, at: number) => void;

/** Small named values. A `set` is atomic: a power cut leaves the old value or the new one. */
export interface KeyValue {
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array): void;
  remove(key: string): void;
}

/** Randomness for jitter and identifiers; cryptographic on the board and live, seeded in virtual. */
export interface Random {
  /** A whole number, evenly from 0 to `below` - 1; `below` is 1 to 2^32. */
  below(below: number): number;
}

/** Hashes that signatures may use. */
export type Hash = 'SHA256' | 'SHA384' | 'SHA512';

/** Elliptic curves (SEC 2: secp256r1, secp384r1). */
export type Curve = 'P-256' | 'P-384';

/**
 * The arithmetic below signatures of certificates and servers. It decides nothing: what is checked,
 * and within which ranges numbers lie, is for `network/tls/`.
 */
export interface SignatureMath {
  digest(hash: Hash, bytes: Uint8Array): Uint8Array;
  /** `base` to the power of `exponent`, modulo `modulus`; all are positive, `base` the smaller. */
  power(base: bigint, exponent: bigint, modulus: bigint): bigint;
  /**
   * The x coordinate of a·G + b·(x, y), 0 at infinity. The point is on the curve; a and b are less
   * than its order.
   */
  combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): bigint;
}

/** Why the board started. */
export type ResetReason =
  | 'power on'
  | 'software'
  | 'panic'
  | 'watchdog'
  | 'brown-out'
  | 'deep sleep'
  | 'unknown';

/** The board itself. */
export interface Power {
  readonly resetReason: ResetReason;
  /** Restarts the board, in order: it returns, and nothing more is to be begun. */
  restart(): void;
}

/** Memory figures for diagnostics; a missing figure is not published. */
export interface Memory {
  freeBytes(): number | undefined;
  freeBytesMin(): number | undefined;
}
