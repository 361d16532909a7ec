/**
 * One outage of a real Mosquitto under a running device, and the judgement of it: no reading is
 * lost, and only those come twice that QoS 1 allows to.
 */

import assert from 'node:assert/strict';
import type { Mosquitto } from '../support/mosquitto.ts';
import type { Subscription } from '../support/mosquitto-sub.ts';
import { LiveDevice, sequencesOf } from './live-device.ts';

export interface OutagePlan {
  readonly id: string;
  readonly version: 4 | 5;
  /** Milliseconds before, during and after. */
  readonly beforeMs: number;
  readonly downMs: number;
  readonly intervalMs: number;
  /** How the broker goes: SIGKILL, or SIGTERM with its state saved. */
  readonly how: 'kill' | 'stop';
  /** The device retries sooner than it would. */
  readonly hurried: boolean;
}

export interface OutageResult {
  readonly accepted: number;
  /** Readings that arrived more than once. */
  readonly twice: readonly number[];
  readonly backMs: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs it; the broker must save on every change. @throws AssertionError naming what was lost */
export async function runOutage(mosquitto: Mosquitto, plan: OutagePlan): Promise<OutageResult> {
  const { id, version, intervalMs, how, hurried } = plan;
  const persistentId = `witness-${id}`;
  const witness = await mosquitto.subscribe(`mote/${id}/#`, { persistentId });
  // Only a subscription that is on disk survives a kill.
  while (how === 'kill' && !mosquitto.database().includes(persistentId)) await pause(20);
  const board = new LiveDevice({ id, port: mosquitto.port(), version, intervalMs, hurried });
  board.device.start();
  try {
    await pause(plan.beforeMs);
    await mosquitto[how]();
    const doubtful = new Set([...board.sent.keys()].filter((n) => !board.acknowledged.has(n)));
    const lastBefore = Math.max(0, ...board.sent.keys());
    await pause(plan.downMs);
    const upAt = performance.now();
    await mosquitto.start();
    while (board.connects < 2 && performance.now() - upAt < 60_000) await pause(20);
    const backMs = performance.now() - upAt;
    while (board.outbox.depth > 1 && performance.now() - upAt < 120_000) await pause(20);
    await board.stop();
    const { accepted, dropped } = board.device.counters;
    assert.equal(dropped, 0);
    assert.equal(board.outbox.depth, 0, 'everything was acknowledged');
    const twice = await arrivals(witness, accepted);
    judge(board, twice, doubtful, lastBefore);
    const lastWord = () => witness.messages.filter(({ topic }) => topic.endsWith('/status')).at(-1);
    await witness.waitUntil(() => lastWord()?.text === 'offline', 10_000).catch(() => {});
    assert.equal(lastWord()?.text, 'offline');
    return { accepted, twice, backMs };
  } finally {
    await board.stop();
  }
}

/** Waits for every reading. @returns those that came more than once */
async function arrivals(witness: Subscription, accepted: number): Promise<number[]> {
  const counts = () => {
    const found = new Map<number, number>();
    for (const { topic, text } of witness.messages) {
      if (!/\/(telemetry|history)$/.test(topic)) continue;
      for (const seq of sequencesOf(text)) found.set(seq, (found.get(seq) ?? 0) + 1);
    }
    return found;
  };
  await witness.waitUntil(() => counts().size >= accepted, 10_000).catch(() => {});
  const all = Array.from({ length: accepted }, (_, i) => i + 1);
  const found = counts();
  const lost = all.filter((seq) => !found.has(seq));
  assert.deepEqual(lost, [], `lost of ${accepted}; ${found.size} arrived`);
  return all.filter((seq) => found.get(seq)! > 1);
}

/**
 * The device may repeat what was sent and not acknowledged when the broker went. The broker may
 * repeat to the witness what it had saved as not yet acknowledged by that: readings from before.
 */
function judge(
  board: LiveDevice,
  twice: readonly number[],
  doubtful: ReadonlySet<number>,
  lastBefore: number,
): void {
  const again = [...board.sent].filter(([, times]) => times > 1).map(([seq]) => seq);
  assert.ok(
    again.every((seq) => doubtful.has(seq)),
    `sent again: ${again}; unacknowledged were ${[...doubtful]}`,
  );
  assert.ok(
    twice.every((seq) => seq <= lastBefore),
    `readings ${twice} came twice, although none above ${lastBefore} may`,
  );
}
