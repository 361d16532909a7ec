/**
 * The view on a terminal: the model drawn in place, at most four times a second.
 *
 * Invariants: the cursor is shown again whatever ends the process; the last picture stays, with
 * the shell's prompt below it; lines that are too long are cut, never wrapped.
 */
import type { Board, FleetModel, View } from './model.ts';
import { render } from './render.ts';
import type { Palette } from './text.ts';

const REDRAW_MS = 250;
const ESC = '\u001b[';

/** The part of `process.stdout` that is used. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
}

export class LiveView implements View {
  readonly #model: FleetModel;
  readonly #terminal: Terminal;
  readonly #palette: Palette;
  readonly #onExit = (): void => this.#restore();
  #timer: NodeJS.Timeout | undefined;
  #lines = 0;
  #columns = 0;
  #over = false;

  constructor(model: FleetModel, terminal: Terminal, palette: Palette) {
    this.#model = model;
    this.#terminal = terminal;
    this.#palette = palette;
    process.once('exit', this.#onExit);
    terminal.on('resize', () => this.#draw());
    terminal.write(`${ESC}?25l`);
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#draw();
  }

  brokerNamed(): void {}

  connected(): void {
    this.#model.problem = '';
  }

  published(): void {}
  acknowledged(): void {}
  disconnected(_board: Board): void {}
  sampled(): void {}
  setUp(): void {}
  settingsTried(): void {}

  packet(): void {}

  problem(line: string): void {
    this.#model.problem = line;
  }

  finished(): void {
    this.#draw();
    this.#restore();
    process.off('exit', this.#onExit);
  }

  #draw(): void {
    if (this.#over) return;
    const { columns = 80, rows = 24 } = this.#terminal;
    const lines = render(this.#model, { columns, rows, palette: this.#palette }, performance.now());
    // After a resize the terminal has wrapped the old picture anew: nobody knows where it began.
    const start = this.#columns !== columns && this.#columns !== 0 ? `${ESC}H${ESC}2J` : this.#up();
    this.#columns = columns;
    this.#lines = lines.length;
    this.#terminal.write(`${start}${lines.map((line) => `${line}${ESC}K\n`).join('')}${ESC}J`);
  }

  #up(): string {
    return this.#lines === 0 ? '' : `${ESC}${this.#lines}A\r`;
  }

  #restore(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    this.#terminal.write(`${ESC}?25h`);
  }
}
