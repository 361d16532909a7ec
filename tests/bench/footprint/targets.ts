/**
 * What was decided that the figures reach, by their names. What has no target here is kept from
 * growing by its budget, and by nothing else.
 */

const targets: readonly (readonly [pattern: RegExp, atMost: number])[] = Object.freeze([
  [/^client .* meter per publish/, 1080],
  [/garbage bytes per (publish|reading)/, 0],
  [/socket writes per/, 1],
  [/^client .* meter per inbound/, 800],
  [/^client .* garbage bytes per inbound/, 64],
  [/^client .* RAM bytes after connect/, 3500],
  [/^client bytecode bytes/, 45_000],
  [/^device .* meter per reading/, 12_000],
  [/^device heap bytes needed for/, 47_104],
  [/^unusual meter/, 4000],
  [/^unusual garbage bytes/, 0],
  [/^unusual state bytes/, 768],
]);

/** @returns the most that a figure should be, or undefined where no target was set */
export function targetOf(name: string): number | undefined {
  return targets.find(([pattern]) => pattern.test(name))?.[1];
}
