/** The set-up page's resources as files; on the board they are resources in flash. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PageResources } from '../../firmware/provisioning/routes.ts';

const folder = new URL('../../firmware/provisioning/', import.meta.url);

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(name, folder))));
}

/** Reads `page.html`, `probes.txt` and the tables of words. */
export function readPageResources(): PageResources {
  return {
    page: read('page.html'),
    probes: read('probes.txt'),
    words: { en: read('words/en.txt'), de: read('words/de.txt'), zh: read('words/zh.txt') },
  };
}
