/** The set-up page's resources as files; on the board they are resources in flash. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PageResources } from '../../firmware/provisioning/portal/routes.ts';

const folder = new URL('../../firmware/provisioning/', import.meta.url);

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(name, folder))));
}

/** Reads `page.html`, `probes.txt` and the tables of words. */
export function readPageResources(): PageResources {
  return {
    page: read('page/page.html'),
    probes: read('portal/probes.txt'),
    words: {
      en: read('page/words/en.txt'),
      de: read('page/words/de.txt'),
      zh: read('page/words/zh.txt'),
    },
  };
}
