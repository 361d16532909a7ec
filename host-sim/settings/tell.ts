/** Tells boards what is wanted, and waits for what they make of it. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { BoardBook, KnownBoard } from './board-book.ts';
import type { BrokerLink } from './broker-link.ts';
import { type Outcome, openVerdict, settledVerdict, summary, type Verdict } from './verdict.ts';
import { changesPlace, messagesOf, nextVersion, type Wish } from './wish.ts';

/** Between two looks at what has come. */
const STEP_MS = 100;
/** What was emptied is answered at about the same time. */
const ANSWER_MS = 2500;
/** A board empties what held a secret so soon after it is settled; else it is emptied from here. */
const EMPTY_MS = 10_000;

/** Where the words go. */
export interface Telling {
  line(text: string): void;
  /** What stands in place of the last one; empty: nothing. */
  progress(text: string): void;
  now(): number;
}

interface Told {
  readonly board: KnownBoard;
  /** Of its document; 0: it was told in pieces. */
  readonly version: number;
  readonly paths: readonly string[];
  /** The base topic that it will have. */
  readonly newBase: string;
  /** Since when all pieces are emptied; undefined: they are not. */
  emptiedAt: number | undefined;
  settledAt: number | undefined;
  verdict: Verdict | undefined;
}

export interface TellPlan {
  readonly wish: Wish;
  readonly waitMs: number;
  readonly waitsForAll: boolean;
}

/** @returns whether all of them took all of it */
export async function tellBoards(
  plan: TellPlan,
  book: BoardBook,
  link: BrokerLink,
  telling: Telling,
): Promise<boolean> {
  const told: Told[] = [];
  for (const board of book.all) told.push(await send(plan.wish, board, book, link));
  const startedAt = telling.now();
  for (;;) {
    const isOver = telling.now() - startedAt >= plan.waitMs;
    for (const one of told) {
      if (one.verdict !== undefined) continue;
      one.verdict = judge(one, plan, isOver, telling.now());
      if (one.verdict === undefined) continue;
      telling.progress('');
      telling.line(`${one.board.base}: ${one.verdict.words}`);
      await tidy(one, plan.wish, link, telling);
    }
    const waiting = told.filter(({ verdict }) => verdict === undefined);
    if (waiting.length === 0) break;
    const seconds = Math.round((telling.now() - startedAt) / 1000);
    telling.progress(`${summary(outcomes(told), waiting.length)}; ${seconds} s`);
    await sleep(STEP_MS);
  }
  telling.progress('');
  telling.line(summary(outcomes(told)));
  return told.every(({ verdict }) => verdict?.outcome === 'took');
}

function outcomes(told: readonly Told[]): Outcome[] {
  return told.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict.outcome]));
}

async function send(
  wish: Wish,
  board: KnownBoard,
  book: BoardBook,
  link: BrokerLink,
): Promise<Told> {
  const seen = board.report?.v ?? 0;
  const { v } = board.document;
  const kept = typeof v === 'number' && v > seen ? v : 0;
  const version = nextVersion(wish, Math.max(seen, kept));
  const messages = messagesOf(wish, board.base, version, kept > 0 ? board.document : {});
  const paths = messages.map(({ path }) => path);
  const isDocument = paths[0] === '/desired';
  const newBase = baseAfter(wish, board);
  if (newBase !== board.base) {
    book.rename(board, newBase);
    await link.subscribe([`${newBase}/status`, `${newBase}/reported`]);
  }
  for (const path of paths) board.sent.add(path);
  board.answers = 0;
  // Together: the board judges what comes within a moment as one.
  await Promise.all(messages.map(({ path, payload }) => link.retain(board.base + path, payload)));
  const told = { board, paths, newBase, emptiedAt: undefined, settledAt: undefined };
  return { ...told, verdict: undefined, version: isDocument ? version : 0 };
}

function judge(one: Told, plan: TellPlan, isOver: boolean, now: number): Verdict | undefined {
  const { board, version } = one;
  if (version === 0 && board.sent.size === 0) one.emptiedAt ??= now;
  const isAnswered = version > 0 || board.answers > 0 || now - (one.emptiedAt ?? now) >= ANSWER_MS;
  const settled = isAnswered ? settledVerdict(board, version) : undefined;
  if (settled !== undefined) {
    one.settledAt ??= now;
    // Under another name it does not find what was sent to the old one.
    const isItsOwn = one.newBase === board.base && plan.wish.secrets.length > 0;
    const isTold = !isItsOwn || board.sent.size === 0 || now - one.settledAt >= EMPTY_MS;
    return isTold ? settled : undefined;
  }
  // What tries it is away for a while.
  const isWaitedFor = plan.waitsForAll || board.answers > 0 || board.status === 'online';
  return isOver || !isWaitedFor ? openVerdict(board, changesPlace(plan.wish)) : undefined;
}

/** Takes away what the board itself does not find any more: it has gone, or another name. */
async function tidy(one: Told, wish: Wish, link: BrokerLink, telling: Telling): Promise<void> {
  const { board, paths, newBase, verdict } = one;
  const { base } = board;
  const isAway = verdict?.outcome === 'away' || verdict?.outcome === 'silent';
  if (wish.secrets.length > 0 && !isAway && board.sent.size > 0) {
    await Promise.all(paths.map((path) => link.retain(base + path, '')));
    telling.line(`${base}: what was sent is taken back, for there are secrets in it`);
  }
  if (newBase === base || (verdict?.outcome !== 'took' && verdict?.outcome !== 'in part')) return;
  const left = new Set([...paths, '/desired', '/reported', '/status']);
  await Promise.all([...left].map((path) => link.retain(base + path, '')));
  telling.line(`${base}: is ${newBase} now`);
}

function baseAfter({ values }: Wish, { base, report }: KnownBoard): string {
  const own = values.get('baseTopic') ?? report?.settings?.baseTopic ?? '';
  if (own !== '') return values.has('baseTopic') ? String(own) : base;
  const name = values.get('name') ?? '';
  return name === '' ? base : `mote/${name.toLowerCase()}`;
}
