/** Up to this many bytes are copied faster one by one than by a view of them. */
const FEW_BYTES = 192;

/** Copies `count` bytes of one array to another one. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  into: Uint8Array,
  at: number,
  count: number,
): void {
  if (count > FEW_BYTES) into.set(from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i += 1) into[at + i] = from[start + i];
}
