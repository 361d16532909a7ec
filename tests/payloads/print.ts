/**
 * Writes the tables of fields in `docs/payloads.md` anew, from the schemas.
 *
 *     npx tsx tests/payloads/print.ts
 */

import { writeFileSync } from 'node:fs';
import { commandLine } from '../../host-sim/cli/arguments.ts';
import { DOCUMENT, printed } from './tables.ts';

const HELP = `Writes the tables of fields in docs/payloads.md anew, from docs/schemas/.

npx tsx tests/payloads/print.ts
`;

commandLine(HELP, {}, () => {});
writeFileSync(DOCUMENT, printed().after);
