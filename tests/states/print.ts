/**
 * Writes the diagrams of states in ARCHITECTURE.md anew.
 *
 *     npx tsx tests/states/print.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { commandLine } from '../../host-sim/cli/arguments.ts';
import { withDiagrams } from './diagrams.ts';

const HELP =
  'npx tsx tests/states/print.ts: writes the diagrams of states in ARCHITECTURE.md anew\n';
const document = new URL('../../ARCHITECTURE.md', import.meta.url);

commandLine(HELP, {}, () => {});
writeFileSync(document, withDiagrams(readFileSync(document, 'utf8')));
