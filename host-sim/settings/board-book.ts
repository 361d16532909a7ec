/**
 * What is known of boards from their messages: where each stands, what it has, and what waits for
 * it. Messages in, books out; it reads no clock and sends nothing.
 */

/** Boards that one command tells. */
const BOARDS_MAX = 10_000;

/** As `reported` has it. */
export interface Report {
  readonly v: number;
  readonly state: string;
  readonly reason?: string;
  readonly problems: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface KnownBoard {
  readonly base: string;
  /** `online`, `offline`, `lost`, `sleeping`; empty where nothing is known. */
  status: string;
  report: Report | undefined;
  /** The document that is retained for it. */
  document: Readonly<Record<string, unknown>>;
  /** It tried something, and has then taken back what it had told here: it works elsewhere now. */
  hasLeft: boolean;
  /** Reports that came after something was sent, and not from before. */
  answers: number;
  /** Paths that were sent, and that the board has not emptied. */
  readonly sent: Set<string>;
}

export class BoardBook {
  readonly boards = new Map<string, KnownBoard>();
  /** Boards under the names that they were just given. */
  readonly #renamed = new Map<string, KnownBoard>();

  /** @param isRetained from before the subscription */
  take(topic: string, payload: Uint8Array, isRetained: boolean): void {
    const [, base, path] = /^(.+?)(\/(?:status|reported|desired(?:\/.*)?))$/s.exec(topic) ?? [];
    if (base === undefined) return;
    const text = new TextDecoder().decode(payload);
    const board = this.#board(base);
    if (board === undefined) return;
    if (path === '/status') board.status = text;
    else if (path === '/reported') {
      if (text === '' && board.report?.state === 'trying') this.#takeLeave(board);
      this.#takeReport(board, text, isRetained);
    } else if (path === '/desired') board.document = objectOf(text) ?? {};
    if (text === '' && !isRetained) board.sent.delete(path);
  }

  /** A board is expected under another base topic, too. */
  rename(board: KnownBoard, base: string): void {
    this.#renamed.set(base, board);
  }

  /** Those that are there to be told; what is left of others at the broker is none. */
  get all(): KnownBoard[] {
    const all = [...this.boards.values()].filter(({ status, report }) => {
      return status !== '' || report !== undefined;
    });
    return all.sort((a, b) => (a.base < b.base ? -1 : 1));
  }

  #takeReport(board: KnownBoard, text: string, isRetained: boolean): void {
    const report = objectOf(text);
    if (report === undefined || !Number.isInteger(report.v)) return;
    board.report = { problems: {}, state: '', ...report } as unknown as Report;
    if (!isRetained) board.answers += 1;
  }

  /** One that is expected under another topic answers there. */
  #takeLeave(board: KnownBoard): void {
    board.hasLeft ||= ![...this.#renamed.values()].includes(board);
  }

  #board(base: string): KnownBoard | undefined {
    const known = this.#renamed.get(base) ?? this.boards.get(base);
    if (known !== undefined || this.boards.size >= BOARDS_MAX) return known;
    // A wish may come before the board that it is for.
    const board: KnownBoard = {
      base,
      status: '',
      report: undefined,
      document: {},
      hasLeft: false,
      answers: 0,
      sent: new Set(),
    };
    this.boards.set(base, board);
    return board;
  }
}

/** What came is of others' making: it is an object, or nothing. */
function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
