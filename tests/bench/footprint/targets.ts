/** What the figures are to reach, by the end of their names; budgets only keep them from growing. */

const targets: readonly (readonly [pattern: RegExp, atMost: number])[] = Object.freeze([
  [/^client .* meter per publish/, 600],
  [/garbage bytes per (publish|reading)/, 0],
  [/socket writes per/, 1],
  [/^client .* meter per inbound/, 800],
  [/^client .* garbage bytes per inbound/, 64],
  [/^client .* RAM bytes after connect/, 3500],
  [/^client bytecode bytes/, 16_000],
  [/^device heap bytes needed/, 49_152],
]);

/** @returns the most that a figure should be, or undefined where no target was set */
export function targetOf(name: string): number | undefined {
  return targets.find(([pattern]) => pattern.test(name))?.[1];
}
