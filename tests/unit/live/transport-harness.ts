/** A handler that records what a transport told it, and can be waited on. */
import type { Server } from 'node:net';
import type {
  CloseReason,
  Network,
  Target,
  Transport,
  TransportHandler,
} from '../../../firmware/ports.ts';

const WAIT_MS = 5000;

export class Recorder implements TransportHandler {
  readonly told: string[] = [];
  readonly chunks: Buffer[] = [];
  transport: Transport | undefined;
  /** Whether `readable` reads everything at once. */
  reads = true;
  /** Set while the test calls the transport: no handler may be called then. */
  calling = false;
  readonly #waiting: (() => void)[] = [];

  opened(): void {
    this.#tell('opened');
  }

  readable(): void {
    if (this.told.at(-1) !== 'readable') this.told.push('readable');
    if (this.reads) this.readAll();
    this.#tell('');
  }

  writable(): void {
    this.#tell('writable');
  }

  closed(reason: CloseReason): void {
    this.#tell(`closed: ${reason}`);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  readAll(): void {
    const into = Buffer.alloc(1000);
    for (;;) {
      const count = this.transport!.read(into, 0, into.length);
      if (count === 0) return;
      this.chunks.push(Buffer.from(into.subarray(0, count)));
    }
  }

  /** Resolves when `condition` holds. @throws Error with what was told when that takes too long. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = setTimeout(() => this.#wake(), WAIT_MS);
    const startedAt = performance.now();
    while (!condition()) {
      if (performance.now() - startedAt >= WAIT_MS) throw new Error(`told: ${this.told.join()}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    clearTimeout(deadline);
  }

  has(what: string): boolean {
    return this.told.some((told) => told === what || told.startsWith(`${what}:`));
  }

  #tell(what: string): void {
    if (this.calling) throw new Error(`'${what}' was told inside a call`);
    if (what !== '') this.told.push(what);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Connects and checks that nothing is told inside the call. */
export function connect(network: Network, target: Target, reads = true): Recorder {
  const recorder = new Recorder();
  recorder.reads = reads;
  recorder.calling = true;
  recorder.transport = network.connect(target, recorder);
  recorder.calling = false;
  return recorder;
}

/** @returns the port on loopback. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

export function target(port: number, host = '127.0.0.1', path = '/mqtt'): Target {
  return { host, address: '127.0.0.1', port, path };
}

/** A port on which nothing listens. */
export async function closedPort(server: Server): Promise<number> {
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
