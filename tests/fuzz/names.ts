/** The targets: each a file in `targets/`. */
export const TARGETS: readonly string[] = Object.freeze([
  'form',
  'settings',
  'http',
  'dns',
  'json',
  'mqtt',
  'mqtt-peer',
  'scan',
  'sntp',
  'handshake',
  'frames',
  'pem',
  'mount',
  'store',
]);
