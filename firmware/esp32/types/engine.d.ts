/**
 * What the XS engine has beside the language; in a build with the SDK its own typings stand for
 * this file.
 */

/** Writes to the log of the debugger; release builds drop it. */
declare function trace(...log: (string | number | boolean)[]): void;

interface StringConstructor {
  /** @throws when the bytes are not UTF-8. */
  fromArrayBuffer(buffer: ArrayBuffer): string;
}

interface ArrayBufferConstructor {
  /** The UTF-8 bytes. */
  fromString(text: string): ArrayBuffer;
}
