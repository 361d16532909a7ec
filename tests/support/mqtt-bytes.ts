/** Bytes as the vectors and tests write them: hex with spaces, lines and comments. */

/** The bytes of hex text; blanks and what follows a `;` to the end of its line do not count. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/;.*$/gm, '').replace(/\s+/g, '');
  if (!/^(?:[0-9a-f]{2})*$/.test(digits)) throw new Error(`not hex: ${digits}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Lower-case hex without blanks. */
export function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The hex of a text with its two-byte length before it. */
export function textHex(text: string): string {
  const bytes = utf8(text);
  return toHex([bytes.length >> 8, bytes.length & 0xff, ...bytes]);
}

/** One array out of several. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A packet: its first byte, the length of its body (at most four bytes wide), its body. */
export function packetOf(first: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return joined(Uint8Array.of(first, ...length), body);
}

/** Cuts a byte stream that begins with a whole packet into its packets. */
export function packetsIn(stream: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let start = 0; start < stream.length; ) {
    let at = start + 1;
    let length = 0;
    let shift = 0;
    for (; stream[at] > 0x7f; at++, shift += 7) length += (stream[at] & 0x7f) << shift;
    length += stream[at] << shift;
    const end = at + 1 + length;
    if (!(end <= stream.length)) throw new Error(`cut off: ${toHex(stream.subarray(start))}`);
    packets.push(stream.slice(start, end));
    start = end;
  }
  return packets;
}

/** Every way to deliver bytes that the tests try: whole, in two pieces, one by one. */
export function deliveries(bytes: Uint8Array): [name: string, pieces: Uint8Array[]][] {
  const ways: [string, Uint8Array[]][] = [['whole', [bytes]]];
  for (let at = 1; at < bytes.length; at++) {
    ways.push([`split after ${at}`, [bytes.slice(0, at), bytes.slice(at)]]);
  }
  ways.push(['bytewise', Array.from(bytes, (byte) => Uint8Array.of(byte))]);
  return ways;
}
