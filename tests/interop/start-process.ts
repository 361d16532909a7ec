/** `npm start` as a child process, watched through its standard output and error. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../compile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** As `npm start` runs it, but compiled once for all starts of a test file. */
const [MAIN] = await compile(ROOT, [join(ROOT, 'host-sim', 'main.ts')]);
const WAIT_MS = 20_000;
const running = new Set<ChildProcessWithoutNullStreams>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One line of `--json`. */
export interface JsonEvent {
  readonly event: string;
  readonly device: string;
  readonly at: string;
  readonly [field: string]: unknown;
}

export class Started {
  /** What is started, and how; a test may want it another way. */
  static program = MAIN;
  static environment: Readonly<Record<string, string>> = {};
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves to the exit code, or to the signal that ended it. */
  readonly ended: Promise<number | string>;
  out = '';
  err = '';
  readonly #checks = new Set<() => void>();

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [Started.program, ...args], {
      env: { ...process.env, ...Started.environment },
    });
    running.add(this.child);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
      for (const check of [...this.#checks]) check();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
      for (const check of [...this.#checks]) check();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        running.delete(this.child);
        resolve(code ?? signal ?? 'unknown');
      });
    });
  }

  /** The complete lines of `--json` so far. */
  get events(): JsonEvent[] {
    const lines = this.out.slice(0, this.out.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JsonEvent);
  }

  /** How many events of a kind there were, on topics that end in `suffix` where it is given. */
  count(event: string, suffix = ''): number {
    return this.events.filter((one) => {
      return one.event === event && String(one.topic ?? '').endsWith(suffix);
    }).length;
  }

  get problems(): string[] {
    return this.err.split('\n').filter((line) => line.startsWith('mote: '));
  }

  /** @throws Error with all output when the condition does not hold in time. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(guard);
        this.#checks.delete(check);
        settle();
      };
      const check = (): void => {
        if (condition()) finish(resolve);
      };
      const guard = setTimeout(
        () => finish(() => reject(new Error(`out: ${this.out}\nerr: ${this.err}`))),
        WAIT_MS,
      );
      this.#checks.add(check);
      check();
    });
  }
}
