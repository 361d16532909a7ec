/** ESP-IDF's `esp_reset_reason_t`, as far as simulated boards come to them. */
export const RESET = Object.freeze({
  powerOn: 1,
  software: 3,
  panic: 4,
  taskWatchdog: 6,
  brownOut: 9,
} as const);
