/**
 * QoS 1 throughput over loopback to a real Mosquitto, as ratios to a bound (a sender of prepared
 * bytes that only counts PUBACKs) and to MQTT.js, all in one run; a part of `npm run bench`.
 *
 * How it is fair: each peer has a process of its own per cell, so none warms or spoils another's
 * compiled code or heap; each is warmed up, then they take turns slice by slice (bound, MQTT.js,
 * Mote, bound, …) while the others wait, connected and idle. A ratio is taken within a round, and
 * its median over the rounds is reported. All switch Nagle's algorithm off, and so does Mosquitto
 * (`set_tcp_nodelay`): else its delayed PUBACKs are what is measured. Its own in-flight limit is
 * off; nobody subscribes.
 *
 * The absolute figures depend on the machine and on what else runs; the ratios are the result.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { missing } from '../support/available.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type CellFigures, figures, heading, line, summary, verdict } from './report.ts';
import { type Cell, type Peer, peers, type Slice } from './throughput.ts';
import type { Answer, Order } from './worker.ts';

const topic = 'bench/board-01/value';
const answerMsMax = 30_000;

/** How long and how often a version is measured. */
interface Plan {
  readonly version: 4 | 5;
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
}

const fullPlan: readonly Plan[] = [
  { version: 4, rounds: 9, sliceMs: 300, warmUpMs: 600 },
  { version: 5, rounds: 5, sliceMs: 250, warmUpMs: 500 },
];
const quickPlan: readonly Plan[] = [{ version: 4, rounds: 3, sliceMs: 150, warmUpMs: 300 }];

/** One peer's process. */
class Worker {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)));
  }

  /** @throws Error when the peer fails, ends or does not answer in time. */
  async order(order: Order): Promise<Answer> {
    const child = this.#child;
    const answer = await new Promise<Answer>((resolve) => {
      const settle = (answer: Answer) => {
        clearTimeout(guard);
        child.off('message', settle).off('exit', exited);
        resolve(answer);
      };
      const exited = () => settle({ error: 'its process ended' });
      const late = () => settle({ error: `no answer within ${answerMsMax} ms` });
      const guard = setTimeout(late, answerMsMax);
      child.once('message', settle).once('exit', exited);
      child.send(order);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Measures all peers in one cell. @throws Error that names the peer and the cell. */
async function measure(broker: Mosquitto, cell: Cell, plan: Plan): Promise<CellFigures> {
  const workers = new Map<Peer, Worker>(peers.map((peer) => [peer, new Worker()]));
  const slices: Record<Peer, Slice[]> = { bound: [], 'mqtt.js': [], mote: [] };
  let at: Peer = 'bound';
  try {
    for (const [peer, worker] of workers) {
      at = peer;
      const settings = { ...cell, host: broker.host, port: broker.port(), topic };
      await worker.order({ peer, settings });
      await worker.order({ durationMs: plan.warmUpMs });
    }
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const [peer, worker] of workers) {
        at = peer;
        const { slice } = await worker.order({ durationMs: plan.sliceMs });
        if (slice === undefined) throw new Error('it gave no figures');
        slices[peer].push(slice);
      }
    }
  } catch (error) {
    const where = `window ${cell.window}, ${cell.payloadBytes} B, protocol level ${cell.version}`;
    throw new Error(`${at}, ${where}: ${(error as Error).message}`);
  } finally {
    for (const worker of workers.values()) worker.stop();
  }
  return figures({ ...cell, slices });
}

/** What the measurements gave. */
export interface Throughput {
  readonly cells: readonly CellFigures[];
  readonly verdict: ReturnType<typeof verdict>;
}

/**
 * Measures every cell.
 * @param quick fewer and shorter slices, 3.1.1 only
 * @param print told each line of the table
 * @throws Error without Mosquitto, and when a peer fails
 */
export async function throughput(
  quick: boolean,
  print: (text: string) => void,
): Promise<Throughput> {
  const reason = missing('mosquitto');
  if (reason !== false) {
    throw new Error(`the benchmark cannot run: ${reason.replace('skipped: ', '')}`);
  }
  const plans = quick ? quickPlan : fullPlan;
  const config = ['set_tcp_nodelay true', 'max_queued_messages 0'];
  const broker = await startMosquitto({ quiet: true, maxInflight: 0, config });
  const cells: CellFigures[] = [];
  print(heading());
  try {
    for (const plan of plans) {
      for (const window of [16, 100]) {
        for (const payloadBytes of [64, 1024]) {
          const cell = await measure(broker, { version: plan.version, window, payloadBytes }, plan);
          cells.push(cell);
          print(line(cell));
        }
      }
    }
  } finally {
    await broker.remove();
  }
  for (const { version } of plans) print(summary(cells, version));
  return { cells, verdict: verdict(cells, 4) };
}
