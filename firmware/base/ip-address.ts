/** IP addresses as text, and as the bytes that certificates carry. */

/**
 * IPv4 with dots (no leading zeros), or IPv6 (RFC 4291 2.2, without a zone).
 * @returns 4 or 16 bytes, or undefined for what is no address
 */
export function addressOf(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  if (text.indexOf(':') < 0) {
    const bytes = new Uint8Array(4);
    return readDotted(text, bytes, 0) ? bytes : undefined;
  }
  const gap = text.indexOf('::');
  if (gap < 0) {
    const bytes = new Uint8Array(16);
    return readGroups(text, bytes) === 16 ? bytes : undefined;
  }
  const head = new Uint8Array(16);
  const tail = new Uint8Array(16);
  const before = readGroups(text.slice(0, gap), head);
  const after = readGroups(text.slice(gap + 2), tail);
  // The gap stands for one group at least.
  if (before < 0 || after < 0 || before + after > 14) return undefined;
  head.set(tail.subarray(0, after), 16 - after);
  return head;
}

/** Groups of hex digits, the last two perhaps dotted. @returns bytes written, -1 for none such */
function readGroups(text: string, into: Uint8Array): number {
  if (text === '') return 0;
  const groups = text.split(':');
  let at = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i];
    if (group.indexOf('.') >= 0) {
      const isLast = i === groups.length - 1;
      return isLast && at <= 12 && readDotted(group, into, at) ? at + 4 : -1;
    }
    if (at > 14 || !/^[0-9a-fA-F]{1,4}$/.test(group)) return -1;
    const value = parseInt(group, 16);
    into[at] = value >> 8;
    into[at + 1] = value & 0xff;
    at += 2;
  }
  return at;
}

function readDotted(text: string, into: Uint8Array, at: number): boolean {
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  for (let i = 0; i < 4; i++) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(parts[i])) return false;
    const byte = Number(parts[i]);
    if (byte > 255) return false;
    into[at + i] = byte;
  }
  return true;
}
