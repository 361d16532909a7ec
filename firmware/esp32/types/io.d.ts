/** Pins, buses and storage of Moddable (ECMA-419), as they are used here. */

declare module 'embedded:implementation/i2csync' {
  class I2C {
    constructor(options: { data: number; clock: number; hz: number; address: number });
    /** @throws when the chip does not acknowledge. */
    read(into: Uint8Array): void;
    write(bytes: Uint8Array): void;
    /** With a repeated start between. */
    writeRead(bytes: Uint8Array, into: Uint8Array): void;
    close(): void;
  }
  export default I2C;
}

declare module 'embedded:io/digital' {
  class Digital {
    constructor(options: {
      pin: number;
      mode: number;
      initialValue?: number;
      /** With `onReadable`, which is called after one edge or more. */
      edge?: number;
      onReadable?: () => void;
    });
    static readonly Input: number;
    static readonly InputPullUp: number;
    static readonly InputPullDown: number;
    static readonly Output: number;
    static readonly OutputOpenDrain: number;
    static readonly Rising: number;
    static readonly Falling: number;
    read(): number;
    write(value: number): void;
    close(): void;
  }
  export default Digital;
}

declare module 'onewire' {
  class OneWire {
    constructor(options: { pin: number });
    /** @returns whether a device is present. */
    reset(): boolean;
    write(byte: number): void;
    /** In truth an ArrayBuffer, for which the SDK's own declaration has this. */
    read(bytes: number): number | Uint8Array;
    /** ROM codes with the last byte first; in truth as above. */
    search(): Uint8Array[];
    close(): void;
  }
  export default OneWire;
}

declare module 'embedded:io/analog' {
  class Analog {
    constructor(options: { pin: number });
    /** Bits. */
    readonly resolution: number;
    read(): number;
    close(): void;
  }
  export default Analog;
}

declare module 'embedded:storage/key-value' {
  interface Domain {
    read(key: string): ArrayBuffer | undefined;
    /** @throws when there is no room. */
    write(key: string, value: Uint8Array): void;
    delete(key: string): void;
  }
  const storage: { open(options: { path: string }): Domain };

  export type { Domain };
  export default storage;
}

declare module 'embedded:storage/flash' {
  interface Partition {
    read(into: Uint8Array, offset: number): number;
    write(bytes: Uint8Array, offset: number): void;
    /** Erases blocks `from` to `to` - 1. */
    eraseBlock(from: number, to?: number): void;
    status(): { readonly size: number; readonly blocks: number; readonly blockLength: number };
  }
  const flash: { open(options: { path: string }): Partition };

  export type { Partition };
  export default flash;
}

declare module 'embedded:update' {
  import type { Partition } from 'embedded:storage/flash';

  interface Update {
    write(bytes: Uint8Array): void;
    /** Checks the image and boots it next time. @throws when it is not whole. */
    complete(): void;
    close(): void;
  }
  const update: { open(options: { partition: Partition }): Update };

  export type { Update };
  export default update;
}
