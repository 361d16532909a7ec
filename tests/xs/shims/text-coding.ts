/**
 * `TextEncoder` and `TextDecoder` for test helpers in XS, which has neither as a global. Only
 * tests get them: the whole-device run and the figures go without, so firmware that came to need
 * them would fail there.
 */

/** XS's own conversions, which no type library knows. */
const strings = String as unknown as { fromArrayBuffer(buffer: ArrayBuffer): string };
const buffers = ArrayBuffer as unknown as { fromString(text: string): ArrayBuffer };

class Encoder {
  readonly encoding = 'utf-8';

  encode(text = ''): Uint8Array {
    return new Uint8Array(buffers.fromString(text));
  }
}

class Decoder {
  readonly #isFatal: boolean;

  constructor(_label?: string, options?: { fatal?: boolean }) {
    this.#isFatal = options?.fatal === true;
  }

  /** Malformed input throws even where it should give U+FFFD; no test that runs here relies on it. */
  decode(bytes: Uint8Array = new Uint8Array(0)): string {
    try {
      return strings.fromArrayBuffer(bytes.slice().buffer as ArrayBuffer);
    } catch (error) {
      throw new TypeError(this.#isFatal ? 'not UTF-8' : String(error));
    }
  }
}

Object.assign(globalThis, { TextEncoder: Encoder, TextDecoder: Decoder });
