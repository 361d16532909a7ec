/** Sockets, TLS and Wi-Fi of Moddable, as they are used here. */

declare module 'embedded:io/socket/tcp' {
  interface TCPOptions {
    /** An address, not a name. */
    readonly address?: string;
    readonly port?: number;
    /** Takes over the connection of another socket, which is closed by that. */
    readonly from?: TCP;
    readonly nodelay?: boolean;
    /** Bytes that can be read. */
    onReadable?(bytes: number): void;
    /** Bytes that can be written; the first call means connected. */
    onWritable?(bytes: number): void;
    /** The connection could not be made or has ended; what was received has been read. */
    onError?(): void;
  }
  class TCP {
    constructor(options: TCPOptions);
    /** Fills the buffer. @throws when fewer bytes are there. */
    read(into: Uint8Array): number | undefined;
    /** Takes all. @returns bytes that can still be written. @throws when there is too little room. */
    write(bytes: Uint8Array): number | undefined;
    close(): void;
  }

  export type { TCPOptions };
  export default TCP;
}

declare module 'embedded:io/socket/listener' {
  import type TCP from 'embedded:io/socket/tcp';

  class Listener {
    /** `onReadable` is told how many connections wait. @throws when the port cannot be bound. */
    constructor(options: { port: number; onReadable(connections: number): void });
    /** A socket without handlers: pass it as `from` to one that has them. */
    read(): TCP | undefined;
    readonly port: number;
    close(): void;
  }
  export default Listener;
}

declare module 'embedded:io/socket/udp' {
  interface Datagram extends ArrayBuffer {
    readonly address: string;
    readonly port: number;
  }
  class UDP {
    constructor(options: { port?: number; onReadable(datagrams: number): void });
    read(): Datagram | undefined;
    /** @throws when it cannot be sent. */
    write(bytes: Uint8Array, address: string, port: number): void;
    close(): void;
  }
  export default UDP;
}

declare module 'ssl/session' {
  /** The socket below; the session keeps the counts true. */
  interface SocketBelow {
    readable: number;
    writable: number;
    read(into: Uint8Array): number | undefined;
    write(bytes: Uint8Array): number | undefined;
  }
  class Session {
    constructor(options: { serverName: string; protocolVersion: number; cache: boolean });
    /** Asked for trust and keys. */
    certificateManager: unknown;
    /** The message that is to be answered, or -1. */
    readonly handshakeProcess: number;
    /** Of our hello, once that was sent. */
    readonly clientRandom: ArrayBuffer;
    /** What the peer has complained of. */
    readonly alert: unknown;
    initiateHandshake(): void;
    /** Takes one record off the socket, once it is whole. */
    readPacket(below: SocketBelow): ArrayBuffer | undefined;
    /** Takes or makes one step. @returns whether it is over */
    handshake(below: SocketBelow): boolean;
    /** @returns what one record holds; undefined: none is whole yet; null: the peer has closed */
    read(below: SocketBelow): Uint8Array | null | undefined;
    /** @returns bytes that can still be written */
    write(below: SocketBelow, bytes: Uint8Array): number;
  }
  export default Session;
}

declare module 'ssl/cert' {
  class CertificateManager {
    constructor(options: { verify: boolean });
    /** Keeps this certificate (DER), for `getKey`. */
    register(certificate: ArrayBuffer): void;
    getKey(certificate: ArrayBuffer): unknown;
  }
  export default CertificateManager;
}

declare module 'crypt' {
  class Digest {
    constructor(type: 'SHA256' | 'SHA384' | 'SHA512');
    process(...data: Uint8Array[]): ArrayBuffer;
  }

  export { Digest };
}

declare module 'modular' {
  class Modular {
    constructor(modulus: bigint);
    exp(base: bigint, exponent: bigint): bigint;
  }
  export default Modular;
}

declare module 'ecp' {
  class ECPoint {
    constructor(x: bigint, y: bigint);
    readonly X: bigint;
    /** Whether it is infinity. */
    isZero(): boolean;
  }
  export default ECPoint;
}

declare module 'curve' {
  import type ECPoint from 'ecp';

  class Curve {
    constructor(name: 'secp256r1' | 'secp384r1');
    readonly G: ECPoint;
    /** `mul2` gives a·p + b·q. */
    readonly ec: { mul2(p: ECPoint, a: bigint, q: ECPoint, b: bigint): ECPoint };
  }
  export default Curve;
}

declare module 'pkcs8' {
  const PKCS8: { parse(der: Uint8Array): unknown };
  export default PKCS8;
}

declare module 'net' {
  const Net: {
    get(what: 'BSSID'): string | undefined;
    get(what: 'IP', of: 'station'): string | undefined;
    get(what: 'RSSI' | 'CHANNEL'): number | undefined;
    /** @throws when the queue is full. */
    resolve(host: string, done: (host: string, address: string | undefined) => void): void;
  };
  export default Net;
}

declare module 'wifi' {
  interface Found {
    readonly ssid: string;
    readonly rssi: number;
    readonly channel: number;
    readonly bssid: ArrayBuffer;
    readonly authentication?: string;
  }
  interface Join {
    ssid: string;
    password?: string;
    bssid?: ArrayBuffer;
    channel?: number;
  }
  /** The station; with `disconnect` comes 0, or -1 when the password was refused. */
  class WiFi {
    constructor(join: undefined, notify: (message: string, reason?: number) => void);
    close(): void;
    /** 0 none, 1 station, 2 access point, 3 both. */
    static mode: number;
    /** Without arguments it disconnects. @throws when the settings cannot be used. */
    static connect(join?: Join): void;
    /** Calls back for each, then with null; without arguments a scan under way ends. */
    static scan(options?: { hidden?: boolean }, found?: (network: Found | null) => void): void;
    static accessPoint(options: {
      ssid: string;
      password: string;
      channel: number;
      station: boolean;
    }): void;
  }

  export type { Found, Join };
  export default WiFi;
}
