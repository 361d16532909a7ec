/** Files in flash, by their names in manifest.json: the set-up page and its words. */

import Resource from 'Resource';

/** @returns the file's bytes where they lie in flash: to be read only. @throws when there is none */
export function resource(name: string): Uint8Array {
  return new Uint8Array(new Resource(name) as unknown as ArrayBuffer);
}
