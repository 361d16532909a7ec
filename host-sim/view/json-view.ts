/**
 * Events for programs: one JSON object per line, each with `event`, `device` and `at` (ISO 8601,
 * UTC). The last line is the `summary` of all devices, with the fleet's own id as `device`. Quiet:
 * the summary alone. Problems go to the error output, as lines for people.
 */
import { type Board, type FleetModel, totals, type View } from './model.ts';
import type { Lines } from './plain-view.ts';

export class JsonView implements View {
  readonly #model: FleetModel;
  readonly #out: Lines;
  readonly #err: Lines;
  readonly #quiet: boolean;

  constructor(model: FleetModel, out: Lines, err: Lines, quiet: boolean) {
    this.#model = model;
    this.#out = out;
    this.#err = err;
    this.#quiet = quiet;
  }

  brokerNamed(): void {}

  connected(board: Board, sessionPresent: boolean): void {
    this.#tell('connected', board, { version: board.version, sessionPresent });
  }

  published(board: Board, topic: string, sequence: number): void {
    this.#tell('published', board, { topic, sequence });
  }

  acknowledged(board: Board, topic: string, sequence: number): void {
    this.#tell('acknowledged', board, { topic, sequence });
  }

  disconnected(board: Board, reason: string): void {
    this.#tell('disconnected', board, { reason });
  }

  sampled(): void {}

  setUp(board: Board, reason: string): void {
    if (board.setUp === undefined) this.#tell('set-up closed', board, { reason });
    else this.#out.write(line('set-up opened', board.id, { ...board.setUp }));
  }

  settingsTried(board: Board, failure: string): void {
    this.#tell('settings tried', board, { failure });
  }

  packet(board: Board, text: string): void {
    this.#tell('packet', board, { text });
  }

  problem(line: string): void {
    this.#err.write(line);
  }

  finished(): void {
    const { id, boards } = this.#model;
    this.#out.write(line('summary', id, { ...totals(boards) }));
  }

  #tell(event: string, board: Board, more: Record<string, unknown>): void {
    if (!this.#quiet) this.#out.write(line(event, board.id, more));
  }
}

function line(event: string, device: string, more: Record<string, unknown>): string {
  return JSON.stringify({ event, device, at: new Date().toISOString(), ...more });
}
