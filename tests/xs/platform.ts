/** The platform's modules that the XS host stands in for: a driver's ports of the board use them. */

import { moduleAt, type PackModule } from './pack.ts';

const standIns: Readonly<Record<string, string>> = Object.freeze({
  'mc/ffi': 'tests/xs/shims/ffi.ts',
  'embedded:storage/flash': 'tests/xs/shims/storage-flash.ts',
});

/** As modules for a pack, before those that import them. */
export function platformModules(): Promise<PackModule[]> {
  return Promise.all(Object.entries(standIns).map(([name, path]) => moduleAt(path, true, name)));
}
