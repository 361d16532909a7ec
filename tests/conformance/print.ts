/**
 * Prints the conformance table as Markdown, with the titles of the tests that cover each clause.
 *
 *     npx tsx tests/conformance/print.ts > tests/conformance/clauses.md
 */
import { fileURLToPath } from 'node:url';
import { commandLine } from '../../host-sim/cli/arguments.ts';
import { CLAUSES } from './clauses.ts';
import { coverageOf, markdownOf, testFilesIn } from './coverage.ts';
import { LEFT_OUT } from './left-out.ts';

const HELP = `Prints the conformance table as Markdown.

npx tsx tests/conformance/print.ts > tests/conformance/clauses.md
`;

commandLine(HELP, {}, () => {});
const testsFolder = fileURLToPath(new URL('..', import.meta.url));
process.stdout.write(markdownOf(CLAUSES, LEFT_OUT, coverageOf(testFilesIn(testsFolder))));
