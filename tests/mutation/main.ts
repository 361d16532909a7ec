/**
 * Mutation testing behind `npm run mutants`: each source of four folders of the firmware is changed
 * in one small place after another, and the tests that come to that place must notice.
 *
 * All mutants of a source are compiled into the tests that reach it, once; a number chooses one. So
 * a mutant costs only the tests that come to it, the cheapest first, and none after one failed.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { compile } from '../compile.ts';
import { Member } from './crew.ts';
import { type Mutant, schemataOf } from './mutants.ts';
import { Order } from './order.ts';
import { compileWith, type Reach, reachOfTests, sourcesOf } from './test-files.ts';
import type { Coverage } from './worker.ts';

const FOLDERS = Object.freeze(['mqtt', 'outbox', 'network', 'provisioning']);
const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache', 'mutants');
/** A test file that takes longer is left out: others must notice. */
const FILE_MS_MAX = 60_000;
/** Files that work longer are run only for what the others leave alive. */
const DEAR_MS = 1_500;
/** What the tests of one mutant may work together, as measured without it. */
const MUTANT_MS = 4_000;
const help = `usage: npm run mutants -- [options]
  --only <text>   only sources whose path contains this; may be given several times
  --sample <n>    so many mutants of each folder's chosen sources, drawn by the seed; the share of
                  all lies between the two that are told, with 95 % confidence
  --seed <n>      1 unless given
  --jobs <n>      threads, 1 unless given
  --again         only those that survived when they were met last, and are not explained
  --ms <n>        what the tests of a mutant may work together, ${MUTANT_MS} unless given: less is
                  quicker, and more survive
  --near          only tests of the folder and those that import of it: quicker, more survive
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
        ms: { type: 'string' },
        again: { type: 'boolean' },
        near: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const number = (name: 'sample' | 'seed' | 'jobs' | 'ms', usual: number) => {
      const value = values[name] === undefined ? usual : Number(values[name]);
      if (!(value >= 1)) throw new Error(`--${name} takes a number of 1 or more`);
      return value;
    };
    const sample = number('sample', Number.POSITIVE_INFINITY);
    const jobs = Math.min(number('jobs', 1), availableParallelism());
    return { ...values, sample, jobs, seed: number('seed', 1), ms: number('ms', MUTANT_MS) };
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
  return FOLDERS.flatMap((folder) => sourcesOf(root, folder)).filter(
    (path) => chosen.only === undefined || chosen.only.some((part) => path.includes(part)),
  );
}

const folderOf = (source: string) => source.split('/')[1];
const whyOf = (source: string, { within, change }: Mutant) =>
  (explained[source] ?? []).find((each) => each.in === within && each.changes.includes(change))
    ?.why;

/** A mutant's name over runs. */
const nameOf = (source: string, { within, change }: Mutant) => `${source} ${within}: ${change}`;

/** What of the sources is to be judged, by source and in the order of the text. */
function drawn(wanted: readonly string[]): Map<string, Mutant[]> {
  const random = new SeededRandom(chosen.seed);
  const again = new Set(saved<string>('survivors.json'));
  const bySource = new Map<string, Mutant[]>();
  for (const folder of FOLDERS) {
    const left = wanted
      .filter((source) => folderOf(source) === folder)
      .flatMap((source) =>
        schemataOf(readFileSync(join(root, source), 'utf8')).mutants.map((mutant) => ({
          source,
          mutant,
        })),
      )
      .filter(
        ({ source, mutant }) =>
          !chosen.again ||
          (again.has(nameOf(source, mutant)) && whyOf(source, mutant) === undefined),
      );
    while (left.length > chosen.sample) left.splice(random.below(left.length), 1);
    for (const { source, mutant } of left) {
      bySource.set(source, [...(bySource.get(source) ?? []), mutant]);
    }
  }
  return bySource;
}

/** By a test file's place: what all its tests worked when it was run last, and the cheapest one. */
interface Cost {
  readonly allMs: number;
  readonly leastMs: number;
}

/** Later runs begin with the cheap, and leave out what no mutant may meet. */
const costs = new Map(saved<[string, Cost]>('costs.json'));

/** What earlier runs have left in a file; nothing where there was none. */
function saved<T>(name: string): T[] {
  try {
    return JSON.parse(readFileSync(join(cache, name), 'utf8'));
  } catch {
    return [];
  }
}

/** Runs each test file as it is, to learn what it comes to and how long it takes. */
async function covered(member: Member, scripts: readonly string[]): Promise<Coverage[]> {
  const all: Coverage[] = [];
  for (const script of scripts) {
    const coverage = await member.cover(script, FILE_MS_MAX);
    const test = basename(script).replaceAll('+', '/');
    if (coverage === undefined) console.log(`  left out, too slow: ${test}`);
    else {
      if (coverage.fault !== '') console.log(`  ${test}: ${coverage.fault}`);
      all.push(coverage);
    }
    costs.set(test, costOf(coverage));
  }
  // Runs beside this one write there as well.
  const known = new Map([...saved<[string, Cost]>('costs.json'), ...costs]);
  writeFileSync(join(cache, 'costs.json'), JSON.stringify([...known]));
  return all;
}

function costOf(coverage: Coverage | undefined): Cost {
  if (coverage === undefined) return { allMs: FILE_MS_MAX, leastMs: FILE_MS_MAX };
  const all = coverage.tests.map(({ ms }) => ms);
  return { allMs: all.reduce((sum, ms) => sum + ms, 0), leastMs: Math.min(FILE_MS_MAX, ...all) };
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
  const order = new Order(basename(source, '.ts'));
  const work = async (member: Member) => {
    for (let mutant = queue.pop(); mutant !== undefined; mutant = queue.pop()) {
      const covering = order.coveringOf(mutant.id, all, chosen.ms);
      const by = covering.length === 0 ? undefined : await member.judge(mutant.id, covering);
      order.learn(covering, by);
      results.push({ mutant, by: by?.name ?? '', isReached: covering.length > 0 });
    }
  };
  await Promise.all(members.map(work));
  return results.sort((a, b) => a.mutant.id - b.mutant.id);
}

/**
 * Only what the first tests leave alive meets the next. Of a test file that works longer than all
 * that is left may ask for, not even the coverage is measured.
 * @param parts the unit tests of the source's folder and those that name it, cheap and dear; then
 *   the others
 * @param wanted some of the source's mutants
 */
async function judgeSource(
  source: string,
  parts: readonly (readonly string[])[],
  wanted: readonly Mutant[],
  folder: string,
  program: string,
): Promise<Tally> {
  const tally: Tally = { killed: 0, explained: 0, survived: 0 };
  const { mutants, code } = schemataOf(readFileSync(join(root, source), 'utf8'));
  if (wanted.length === 0) return tally;
  const began = performance.now();
  mkdirSync(folder, { recursive: true });
  const crew = { program, root, count: mutants.length };
  const members = Array.from({ length: chosen.jobs }, () => new Member(crew));
  let left = [...wanted];
  const reached = new Set<Mutant>();
  for (const part of parts) {
    const worthMs = left.length * chosen.ms;
    const tests = part.filter((test) => (costs.get(test)?.allMs ?? 0) <= worthMs);
    if (tests.length === 0 || left.length === 0) continue;
    const scripts = await compileWith(root, folder, { path: source, code }, tests);
    const results = await judged(members, await covered(members[0], scripts), left, source);
    for (const { mutant, by, isReached } of results) {
      if (isReached) reached.add(mutant);
      if (by === '') continue;
      tally.killed += 1;
      if (whyOf(source, mutant)) console.log(`  explained, yet killed: ${mutant.change} (${by})`);
    }
    left = results.filter(({ by }) => by === '').map(({ mutant }) => mutant);
  }
  const judgedNames = new Set(wanted.map((mutant) => nameOf(source, mutant)));
  const survivors = saved<string>('survivors.json').filter((name) => !judgedNames.has(name));
  for (const mutant of left) {
    if (whyOf(source, mutant) !== undefined) tally.explained += 1;
    else {
      tally.survived += 1;
      survivors.push(nameOf(source, mutant));
      const note = reached.has(mutant) ? '' : '  (no test comes here)';
      console.log(`  ${source}:${mutant.line} ${mutant.within}: ${mutant.change}${note}`);
    }
  }
  writeFileSync(join(cache, 'survivors.json'), JSON.stringify(survivors));
  for (const member of members) await member.end();
  rmSync(folder, { recursive: true, force: true });
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${source}  ${told(tally)} (${seconds} s)`);
  return tally;
}

function told({ killed, explained, survived }: Tally): string {
  const noticed = killed + explained;
  const all = noticed + survived;
  return `${killed} killed and ${explained} explained of ${all}, ${shareOf(noticed, all)}`;
}

/** Of a sample also where the share of all lies with 95 % confidence, by Wilson's formula. */
function shareOf(part: number, all: number): string {
  const share = all === 0 ? 1 : part / all;
  const percent = (value: number) => (100 * Math.max(0, value)).toFixed(1);
  if (!Number.isFinite(chosen.sample) || all === 0) return `${percent(share)} %`;
  const z2 = 1.96 ** 2;
  const middle = share + z2 / (2 * all);
  const wide = 1.96 * Math.sqrt((share * (1 - share)) / all + z2 / (4 * all * all));
  const [low, high] = [middle - wide, middle + wide].map((value) => value / (1 + z2 / all));
  return `${percent(share)} % (${percent(low)} to ${percent(high)} %)`;
}

/** Cheap ones of those near, dear ones, and the far. */
function partsOf(source: string, reach: ReadonlyMap<string, Reach>): string[][] {
  const tests = [...reach].filter(([, { all }]) => all.has(source));
  const isNear = ([test, { named }]: (typeof tests)[number]) =>
    test.startsWith(`tests/unit/${folderOf(source)}/`) ||
    [...named].some((path) => path.startsWith(`firmware/${folderOf(source)}/`));
  const near = tests.filter(isNear).map(([test]) => test);
  const far = tests.filter((each) => !isNear(each)).map(([test]) => test);
  const isDear = (test: string) => (costs.get(test)?.allMs ?? 0) > DEAR_MS;
  const mayBeMet = (test: string) => (costs.get(test)?.leastMs ?? 0) <= chosen.ms;
  const parts = [near.filter((test) => !isDear(test)), near.filter(isDear), far];
  return parts.slice(0, chosen.near ? 2 : 3).map((part) => part.filter(mayBeMet));
}

async function main(): Promise<void> {
  const wanted = sources();
  if (wanted.length === 0) throw new Error('there is no such source');
  const [program] = await compile(root, [join(root, 'tests/mutation/worker.ts')]);
  const reach = await reachOfTests(root);
  const folders = new Map<string, Tally>();
  if (Number.isFinite(chosen.sample)) console.log(`drawn with seed ${chosen.seed}`);
  for (const [source, mutants] of drawn(wanted)) {
    const folder = join(cache, `${process.pid}`, source);
    const own = await judgeSource(source, partsOf(source, reach), mutants, folder, program);
    const all = folders.get(folderOf(source)) ?? { killed: 0, explained: 0, survived: 0 };
    for (const key of ['killed', 'explained', 'survived'] as const) all[key] += own[key];
    folders.set(folderOf(source), all);
  }
  rmSync(join(cache, `${process.pid}`), { recursive: true, force: true });
  console.log('');
  for (const [folder, tally] of folders) {
    console.log(`${folder.padEnd(13)} ${told(tally)}; ${tally.survived} survive`);
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
