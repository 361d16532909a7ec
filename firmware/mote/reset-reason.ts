/** ESP-IDF's `esp_reset_reason_t` as the firmware's words. */

const REASONS = Object.freeze([
  'unknown',
  'power on',
  // The reset pin: somebody pressed the board's button.
  'power on',
  'software',
  'panic',
  'watchdog',
  'watchdog',
  'watchdog',
  'deep sleep',
  'brown-out',
] as const);

/** @param code as ESP-IDF gives it; one that is not known is `unknown` */
export function resetReason(code: number): (typeof REASONS)[number] {
  return REASONS[code] ?? 'unknown';
}
