/** The command line of the fuzzer; `--help` tells it. */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fuzzerOf } from './build.ts';
import type { Finding, Fuzzer } from './fuzzer.ts';
import { TARGETS } from './names.ts';

const help = `usage: npm run fuzz -- [options]
  --target NAME   may be given several times; else each in turn:
                  ${TARGETS.join(' ')}
  --runs N        inputs for each target (default 100000)
  --seed S        the same seed gives the same inputs (default: drawn, and told)
  --replay HEX    runs this one input of the target; @FILE reads the hex from a file
  --help
Exit code 1 for a finding: it is printed as hex, as small as it could be made.`;

/** Between two lines of progress. */
const PROGRESS_MS = 10_000;
const OPTIONS = Object.freeze({
  target: { type: 'string', multiple: true },
  runs: { type: 'string' },
  seed: { type: 'string' },
  replay: { type: 'string' },
  help: { type: 'boolean' },
} as const);

function refuse(words: string): never {
  console.error(words);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0]);
  }
}

function wholeOf(name: string, text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  if (!/^[0-9]{1,10}$/.test(text)) refuse(`--${name} must be a whole number`);
  return Number(text);
}

function bytesOf(hex: string): Uint8Array {
  const text = hex.startsWith('@') ? readFileSync(hex.slice(1), 'utf8').trim() : hex;
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) refuse('--replay must be hex');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function tell(name: string, { error, input }: Finding): void {
  process.exitCode = 1;
  const hex = Buffer.from(input).toString('hex');
  console.log(`FINDING in ${name}: ${error.stack}`);
  console.log(`${input.length} bytes: ${JSON.stringify(Buffer.from(input).toString('latin1'))}`);
  console.log(`again: npm run fuzz -- --target ${name} --replay ${hex}`);
}

function stateOf(name: string, seed: number, fuzzer: Fuzzer, startedAt: number): string {
  const { executed, corpus, stepsPeak, madePeak } = fuzzer;
  const perSecond = Math.round((executed * 1000) / (Date.now() - startedAt));
  return (
    `${name}  seed ${seed}  ${executed} executed  corpus ${corpus.length}  ` +
    `${fuzzer.covered} branches  at most ${stepsPeak} steps, ${madePeak} bytes made  ${perSecond}/s`
  );
}

function fuzz(name: string, fuzzer: Fuzzer, runs: number, seed: number): void {
  const startedAt = Date.now();
  let toldAt = startedAt;
  let finding = fuzzer.begin();
  while (finding === undefined && fuzzer.executed < runs) {
    finding = fuzzer.step();
    if ((fuzzer.executed & 0xff) > 0 || Date.now() < toldAt + PROGRESS_MS) continue;
    toldAt = Date.now();
    console.log(stateOf(name, seed, fuzzer, startedAt));
  }
  console.log(stateOf(name, seed, fuzzer, startedAt));
  if (finding !== undefined) tell(name, fuzzer.minimised(finding));
}

async function main(): Promise<void> {
  const { target, runs, seed, replay, help: wantsHelp } = options();
  if (wantsHelp) {
    console.log(help);
    return;
  }
  const names = target ?? TARGETS;
  const unknown = names.find((name) => !TARGETS.includes(name));
  if (unknown !== undefined) refuse(`there is no target ${unknown}: ${TARGETS.join(' ')}`);
  if (replay !== undefined && names.length !== 1) refuse('--replay needs one --target');
  const drawn = wholeOf('seed', seed, Math.floor(Math.random() * 1_000_000));
  const count = wholeOf('runs', runs, 100_000);
  for (const name of names) {
    const fuzzer = await fuzzerOf(name, drawn);
    if (replay === undefined) fuzz(name, fuzzer, count, drawn);
    else {
      const finding = fuzzer.run(bytesOf(replay));
      if (finding === undefined) console.log(`${name}: as it must be`);
      else tell(name, finding);
    }
  }
}

await main();
