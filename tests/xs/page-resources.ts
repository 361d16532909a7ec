/** The set-up page and its words, for a pack: in flash on the board, and so in the shared machine. */

import { readPageResources } from '../../host-sim/live/resources.ts';
import type { PackModule } from './pack.ts';

/** A module with the name `page resources`. */
export function pageResources(): PackModule {
  const { page, probes, words } = readPageResources();
  const bytes = (file: Uint8Array) => `new Uint8Array([${file.join()}])`;
  const source = `export const resources = Object.freeze({
    page: ${bytes(page)}, probes: ${bytes(probes)}, words: Object.freeze({
      en: ${bytes(words.en)}, de: ${bytes(words.de)}, zh: ${bytes(words.zh)} }) });`;
  return { name: 'page resources', source, isPreloaded: true };
}
