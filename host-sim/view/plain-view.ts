/**
 * The view for logs and pipes: a line when something changes, one status line every ten seconds,
 * the summary last. Of a big fleet only the first boards are told one by one. Quiet: nothing but
 * problems and the summary.
 */
import { type Board, type FleetModel, totals, type View } from './model.ts';
import { list } from './render.ts';

const STATUS_MS = 10_000;
const TOLD_MAX = 3;

/** Takes lines without their line feed. */
export interface Lines {
  write(line: string): void;
}

export class PlainView implements View {
  readonly #model: FleetModel;
  readonly #out: Lines;
  readonly #err: Lines;
  readonly #quiet: boolean;
  readonly #told: ReadonlySet<Board>;
  readonly #sampled = new Set<Board>();
  /** Those whose loss is worth a line; attempts that fail are the problems' matter. */
  readonly #connected = new Set<Board>();
  readonly #timer: NodeJS.Timeout | undefined;
  #allOnline = false;
  /** The last one: a board that restarts is known. */
  #banner = '';

  constructor(model: FleetModel, out: Lines, err: Lines, quiet: boolean) {
    this.#model = model;
    this.#out = out;
    this.#err = err;
    this.#quiet = quiet;
    this.#told = new Set(model.boards.slice(0, TOLD_MAX));
    if (quiet) return;
    this.#timer = setInterval(() => out.write(status(model)), STATUS_MS);
  }

  brokerNamed(): void {
    if (this.#quiet) return;
    const { id, broker, watch } = this.#model;
    const hint = watch === '' ? '' : `; watch it with: ${watch}`;
    const banner = `${id}: broker ${broker}${hint}`;
    if (banner !== this.#banner) this.#out.write(banner);
    this.#banner = banner;
  }

  connected(board: Board, sessionPresent: boolean): void {
    this.#connected.add(board);
    if (this.#quiet) return;
    const session = sessionPresent ? 'session resumed' : 'new session';
    if (this.#told.has(board)) {
      this.#out.write(`${board.id}: connected, MQTT ${board.version}, ${session}`);
    }
    const { boards } = this.#model;
    const allOnline = boards.every((other) => other.online);
    if (allOnline && !this.#allOnline && boards.length > this.#told.size) {
      this.#out.write(`${this.#model.id}: all ${boards.length} devices are online`);
    }
    this.#allOnline = allOnline;
  }

  published(): void {}
  acknowledged(): void {}

  disconnected(board: Board, reason: string): void {
    this.#allOnline = false;
    const lost = this.#connected.delete(board);
    if (!lost || this.#quiet || !this.#told.has(board) || this.#model.phase !== 'running') return;
    this.#out.write(`${board.id}: connection lost: ${reason}`);
  }

  sampled(board: Board): void {
    if (this.#quiet || this.#sampled.has(board) || !this.#told.has(board)) return;
    if (board.values.length === 0) return;
    this.#sampled.add(board);
    this.#out.write(`${board.id}: ${list(board.values)}`);
  }

  setUp(board: Board, reason: string): void {
    if (board.setUp === undefined) {
      if (!this.#quiet) this.#out.write(`${board.id}: set-up network closed: ${reason}`);
      return;
    }
    const { url, hint } = board.setUp;
    this.#out.write(`${board.id}: set-up page ${url} (${hint})`);
  }

  settingsTried(board: Board, failure: string): void {
    if (this.#quiet) return;
    const told = failure === '' ? 'took settings from afar' : `went back: ${failure}`;
    this.#out.write(`${board.id}: ${told}`);
  }

  packet(board: Board, text: string): void {
    this.#out.write(`${board.id}: ${text}`);
  }

  problem(line: string): void {
    this.#err.write(line);
  }

  finished(): void {
    clearInterval(this.#timer);
    this.#out.write(`${this.#model.id}: summary: ${figures(this.#model)}`);
  }
}

function status(model: FleetModel): string {
  const online = model.boards.filter((board) => board.online).length;
  return `${model.id}: ${online} of ${model.boards.length} online, ${figures(model)}`;
}

function figures(model: FleetModel): string {
  const { accepted, published, acknowledged, dropped, reconnects, waiting } = totals(model.boards);
  const sent = `accepted ${accepted}, published ${published}, acknowledged ${acknowledged}`;
  const rest = waiting === 0 ? '' : `, waiting ${waiting}`;
  return `${sent}, dropped ${dropped}, reconnects ${reconnects}${rest}`;
}
