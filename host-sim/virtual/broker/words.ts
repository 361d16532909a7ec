/**
 * Texts out of bytes, where the same few come again and again: topics, names, words. A text that
 * was made before is found by its bytes and not made anew.
 */

/** So many texts are kept; then it begins again. */
const KEPT_MAX = 1024;
/** Longer ones hardly come twice. */
const BYTES_MAX = 128;

/** By a hash of their bytes. */
const kept = new Map<number, string>();

/** The text of `bytes[start..end)`; undefined unless it is ASCII, short and without U+0000. */
export function wordOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > BYTES_MAX) return undefined;
  let hash = end - start;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i];
    if (byte === 0 || byte >= 0x80) return undefined;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  const found = kept.get(hash);
  if (found !== undefined && isText(found, bytes, start, end)) return found;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(hash, text);
  return text;
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
