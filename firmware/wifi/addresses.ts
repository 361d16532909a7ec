/** Addresses as text and as bytes. */

const NOTHING: Uint8Array = new Uint8Array(0);

/** The bytes of a dotted IPv4 address or a MAC with colons; none for anything else. */
export function addressBytes(text: string): Uint8Array {
  const isMac = text.includes(':');
  const parts = text.split(isMac ? ':' : '.');
  const radix = isMac ? 16 : 10;
  const bytes = parts.map((part) => Number.parseInt(part, radix));
  const isWhole = parts.length === (isMac ? 6 : 4) && bytes.every((n) => n >= 0 && n <= 255);
  return isWhole ? Uint8Array.from(bytes) : NOTHING;
}
