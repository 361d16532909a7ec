/**
 * Mutation testing behind `npm run mutants`: each source of four folders of the firmware is changed
 * in one small place after another, and the tests that come to that place must notice.
 *
 * All mutants of a source are compiled into the tests that reach it, once; a number chooses one. So
 * a mutant costs only the tests that come to it, the cheapest first, and none after one failed.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { compile } from '../compile.ts';
import { Member } from './crew.ts';
import { type Mutant, schemataOf } from './mutants.ts';
import { compileWith, reachOfTests } from './test-files.ts';
import type { Coverage, Covering } from './worker.ts';

const FOLDERS = Object.freeze(['mqtt', 'outbox', 'network', 'provisioning']);
const root = fileURLToPath(new URL('../..', import.meta.url));
/** A test file that takes longer is left out: others must notice. */
const FILE_MS_MAX = 60_000;
/** What the tests of one mutant may work together, as measured without it: the cheapest do. */
const MUTANT_MS_MAX = 4_000;
const help = `usage: npm run mutants -- [options]
  --only <text>   only sources whose path contains this; may be given several times
  --sample <n>    at most so many mutants of each source, drawn by the seed
  --seed <n>      1 unless given
  --jobs <n>      threads, 1 unless given
  --near          only tests of the source's folder and those that import it: quicker, more survive
  --list          print the mutants and run nothing
  --help
Each mutant of firmware/{${FOLDERS.join(',')}} is killed, explained in
tests/mutation/explained.json, or listed as a survivor. Exits with 1 when one survives.`;

interface Explained {
  readonly in: string;
  /** Each as it is listed: what stood there, an arrow, what stands there now. */
  readonly changes: readonly string[];
  /** Why no test can notice, or why none needs to. */
  readonly why: string;
}

interface Tally {
  killed: number;
  explained: number;
  survived: number;
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        sample: { type: 'string' },
        seed: { type: 'string' },
        jobs: { type: 'string' },
        near: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const number = (name: 'sample' | 'seed' | 'jobs', usual: number) => {
      const value = values[name] === undefined ? usual : Number(values[name]);
      if (!(value >= 1)) throw new Error(`--${name} takes a number of 1 or more`);
      return value;
    };
    const sample = number('sample', Number.POSITIVE_INFINITY);
    const jobs = Math.min(number('jobs', 1), availableParallelism());
    return { ...values, sample, jobs, seed: number('seed', 1) };
  } catch (error) {
    console.error(`${(error as Error).message.split('. ')[0]} (see --help)`);
    process.exit(2);
  }
}

const chosen = options();
const explained = JSON.parse(
  readFileSync(join(root, 'tests/mutation/explained.json'), 'utf8'),
) as Record<string, Explained[]>;

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, 'firmware', folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `firmware/${folder}/${name}`),
  ).filter((path) => chosen.only === undefined || chosen.only.some((part) => path.includes(part)));
}

const folderOf = (source: string) => source.split('/')[1];
const whyOf = (source: string, { within, change }: Mutant) =>
  (explained[source] ?? []).find((each) => each.in === within && each.changes.includes(change))
    ?.why;

/** Some of them, in the order of the text. */
function sampled(mutants: readonly Mutant[]): Mutant[] {
  const random = new SeededRandom(chosen.seed);
  const left = [...mutants];
  while (left.length > chosen.sample) left.splice(random.below(left.length), 1);
  return left;
}

/** Runs each test file as it is, to learn what it comes to and how long it takes. */
async function covered(member: Member, scripts: readonly string[]): Promise<Coverage[]> {
  const all: Coverage[] = [];
  for (const script of scripts) {
    const coverage = await member.cover(script, FILE_MS_MAX);
    if (coverage === undefined) console.log(`  left out, too slow: ${basename(script)}`);
    else {
      if (coverage.fault !== '') console.log(`  ${basename(script)}: ${coverage.fault}`);
      all.push(coverage);
    }
  }
  return all;
}

/** The tests that come to a mutant: those of the source's own name first, then the cheapest files. */
function coveringOf(id: number, all: readonly Coverage[], source: string): Covering[] {
  const covering: Covering[] = [];
  for (const { script, tests, ids, evaluationMs, asked } of all) {
    const own = ids.includes(id) ? tests : tests.filter((test) => test.ids.includes(id));
    if (own.length === 0) continue;
    const ms = own.reduce((sum, test) => sum + test.ms, evaluationMs);
    covering.push({ script, tests: own.map(({ at }) => at), ms, asked });
  }
  const own = `+${basename(source, '.ts')}.test.ts`;
  const rank = ({ script, ms }: Covering) => (script.endsWith(own) ? 0 : ms);
  covering.sort((a, b) => rank(a) - rank(b));
  let sum = 0;
  return covering.filter(({ ms }, i) => {
    sum += ms;
    return i === 0 || sum <= MUTANT_MS_MAX;
  });
}

interface Judged {
  readonly mutant: Mutant;
  /** The test that noticed, or ''. */
  readonly by: string;
  readonly isReached: boolean;
}

async function judged(
  members: readonly Member[],
  all: readonly Coverage[],
  mutants: readonly Mutant[],
  source: string,
): Promise<Judged[]> {
  const results: Judged[] = [];
  const queue = [...mutants].reverse();
  const work = async (member: Member) => {
    for (let mutant = queue.pop(); mutant !== undefined; mutant = queue.pop()) {
      const covering = coveringOf(mutant.id, all, source);
      const by = covering.length === 0 ? '' : await member.judge(mutant.id, covering);
      results.push({ mutant, by, isReached: covering.length > 0 });
    }
  };
  await Promise.all(members.map(work));
  return results.sort((a, b) => a.mutant.id - b.mutant.id);
}

/**
 * Only what the first tests leave alive meets the next, whose coverage is not even measured where
 * nothing is left.
 * @param parts the unit tests of the source's folder and those that name it; then the others
 */
async function judgeSource(
  source: string,
  parts: readonly (readonly string[])[],
  folder: string,
  program: string,
): Promise<Tally> {
  const tally: Tally = { killed: 0, explained: 0, survived: 0 };
  const { mutants, code } = schemataOf(readFileSync(join(root, source), 'utf8'));
  if (mutants.length === 0) return tally;
  const began = performance.now();
  mkdirSync(folder, { recursive: true });
  const crew = { program, root, count: mutants.length };
  const members = Array.from({ length: chosen.jobs }, () => new Member(crew));
  let left = sampled(mutants);
  const reached = new Set<Mutant>();
  for (const part of parts) {
    if (part.length === 0 || left.length === 0) continue;
    const scripts = await compileWith(root, folder, { path: source, code }, part);
    const results = await judged(members, await covered(members[0], scripts), left, source);
    for (const { mutant, by, isReached } of results) {
      if (isReached) reached.add(mutant);
      if (by === '') continue;
      tally.killed += 1;
      if (whyOf(source, mutant)) console.log(`  explained, yet killed: ${mutant.change} (${by})`);
    }
    left = results.filter(({ by }) => by === '').map(({ mutant }) => mutant);
  }
  for (const mutant of left) {
    if (whyOf(source, mutant) !== undefined) tally.explained += 1;
    else {
      tally.survived += 1;
      const note = reached.has(mutant) ? '' : '  (no test comes here)';
      console.log(`  ${source}:${mutant.line} ${mutant.within}: ${mutant.change}${note}`);
    }
  }
  for (const member of members) await member.end();
  rmSync(folder, { recursive: true, force: true });
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${source}  ${told(tally)} (${seconds} s)`);
  return tally;
}

function told({ killed, explained, survived }: Tally): string {
  const all = killed + survived;
  const share = all === 0 ? 100 : (100 * killed) / all;
  return `${killed} of ${all} killed, ${share.toFixed(1)} %; ${explained} explained`;
}

async function main(): Promise<void> {
  const wanted = sources();
  if (wanted.length === 0) throw new Error('there is no such source');
  const [program] = await compile(root, [join(root, 'tests/mutation/worker.ts')]);
  const reach = await reachOfTests(root);
  const folders = new Map<string, Tally>();
  for (const source of wanted) {
    const tests = [...reach].filter(([, { all }]) => all.has(source));
    const isNear = ([test, { named }]: (typeof tests)[number]) =>
      named.has(source) || test.startsWith(`tests/unit/${folderOf(source)}/`);
    const near = tests.filter(isNear).map(([test]) => test);
    const far = tests.filter((each) => !isNear(each)).map(([test]) => test);
    const folder = join(root, '.cache', 'mutants', `${process.pid}`, source);
    const own = await judgeSource(
      source,
      chosen.near === true ? [near] : [near, far],
      folder,
      program,
    );
    const all = folders.get(folderOf(source)) ?? { killed: 0, explained: 0, survived: 0 };
    for (const key of ['killed', 'explained', 'survived'] as const) all[key] += own[key];
    folders.set(folderOf(source), all);
  }
  rmSync(join(root, '.cache', 'mutants', `${process.pid}`), { recursive: true, force: true });
  console.log('');
  for (const [folder, tally] of folders) {
    console.log(`${folder.padEnd(13)} ${told(tally)}, ${tally.survived} survive`);
    if (tally.survived > 0) process.exitCode = 1;
  }
}

/** One line for each mutant, and the file that an explanation names. */
function list(): void {
  for (const source of sources()) {
    for (const { line, within, change } of schemataOf(readFileSync(join(root, source), 'utf8'))
      .mutants) {
      console.log(`${source}:${line} ${within}: ${change}`);
    }
  }
}

if (chosen.help === true) console.log(help);
else if (chosen.list === true) list();
else await main();
