/** Files in flash, by their names in manifest.json: the set-up page and its words. */

import Resource from 'Resource';
import type { PageResources } from '../provisioning/portal/routes.ts';

/** @returns the file's bytes where they lie in flash: to be read only. @throws when there is none */
export function resource(name: string): Uint8Array {
  return new Uint8Array(new Resource(name) as unknown as ArrayBuffer);
}

/** The page, and what it is made with. */
export function pageResources(): PageResources {
  return {
    page: resource('page.html'),
    probes: resource('probes.txt'),
    words: { en: resource('en.txt'), de: resource('de.txt'), zh: resource('zh.txt') },
  };
}
