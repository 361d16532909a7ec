/**
 * A real Mosquitto for interoperability tests: free loopback ports, its own temporary folder, a
 * generated configuration. Debian's service of the same name is neither needed nor touched.
 *
 * It never listens beyond loopback: the WebSocket listener of 2.0 heeds its bind address only
 * together with `socket_domain ipv4`, and `start` looks the sockets up in /proc to be sure.
 * The process ends with the test process, however that ends.
 */

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from './available.ts';
import { configText, type Listener, loopback, type MosquittoOptions } from './mosquitto-config.ts';
import { freePorts, listeningOutsideLoopback } from './mosquitto-ports.ts';
import { Subscription, type SubscriptionOptions } from './mosquitto-sub.ts';
import { end, isAlive, spawnOwned } from './owned-process.ts';

const logCharsMax = 200_000;
const startMsMax = 10_000;
const schemes: Readonly<Record<Listener, string>> = Object.freeze({
  tcp: 'mqtt',
  tls: 'mqtts',
  'mutual tls': 'mqtts',
  websocket: 'ws',
  'websocket tls': 'wss',
});

/** Starts a broker and waits until it is ready. @throws Error with its log when it is not. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  for (let attempt = 1; ; attempt += 1) {
    const broker = new Mosquitto(options, await freePorts(options.listeners ?? []));
    try {
      await broker.start();
      return broker;
    } catch (error) {
      await broker.remove();
      // Another process may take a free port before Mosquitto does.
      if (attempt === 3 || !broker.log().includes('Address already in use')) throw error;
    }
  }
}

/** One broker, which can be stopped, killed, frozen and started again on the same ports. */
export class Mosquitto {
  readonly host = loopback;
  readonly options: MosquittoOptions;
  readonly #folder: string;
  readonly #ports: ReadonlyMap<Listener, number>;
  readonly #subscriptions: Subscription[] = [];
  #process: ReturnType<typeof spawnOwned> | undefined;
  #log = '';

  /** Use `startMosquitto`, which finds the ports. */
  constructor(options: MosquittoOptions, ports: ReadonlyMap<Listener, number>) {
    this.options = options;
    this.#ports = ports;
    this.#folder = mkdtempSync(join(tmpdir(), 'mote-mosquitto-'));
    process.once('exit', this.#removeFolder);
    mkdirSync(join(this.#folder, 'data'));
    if (options.credentials !== undefined) this.#writePasswords(options.credentials);
    writeFileSync(join(this.#folder, 'mosquitto.conf'), configText(options, ports, this.#folder));
  }

  /** @throws Error when the broker was started without this listener. */
  port(listener: Listener = 'tcp'): number {
    const port = this.#ports.get(listener);
    if (port === undefined) throw new Error(`this broker was started without '${listener}'`);
    return port;
  }

  /** For example `mqtts://127.0.0.1:40123`; the certificate names localhost and 127.0.0.1. */
  url(listener: Listener = 'tcp'): string {
    return `${schemes[listener]}://${loopback}:${this.port(listener)}`;
  }

  /** The tail of what Mosquitto wrote, over all its starts. */
  log(): string {
    return this.#log;
  }

  /** What is on disk now; empty before the first save. A queued payload is in it as it is. */
  database(): Buffer {
    const file = join(this.#folder, 'data', 'mosquitto.db');
    return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it (again), on the same ports, and waits until all listeners are open. */
  async start(): Promise<void> {
    if (this.#process !== undefined && isAlive(this.#process)) throw new Error('already running');
    const child = spawnOwned('mosquitto', ['-c', join(this.#folder, 'mosquitto.conf')]);
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let output = '';
      let ready = false;
      const give = (why: string) => {
        clearTimeout(guard);
        reject(new Error(`Mosquitto ${why}:\n${output}`));
      };
      const guard = setTimeout(() => give('was not ready in time'), startMsMax);
      child.once('exit', () => give('ended before it was ready'));
      child.once('error', (error) => give(error.message));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-logCharsMax);
        if (ready) return;
        output += text;
        ready = / running$/m.test(output);
        if (!ready) return;
        clearTimeout(guard);
        resolve();
      });
    });
    await this.#refuseOpenPorts();
  }

  /** SIGTERM: closes connections and saves what is persistent. */
  async stop(): Promise<void> {
    this.resume();
    if (this.#process !== undefined) await end(this.#process, 'SIGTERM');
  }

  /**
   * SIGKILL: what is not in `database()` is gone. Mosquitto acknowledges a message before it saves
   * it, so even `on every change` can lose what the publisher believes delivered.
   */
  async kill(): Promise<void> {
    if (this.#process !== undefined) await end(this.#process, 'SIGKILL');
  }

  /** Stops and starts again; sessions survive when persistence is on. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** SIGSTOP: connections stay open and nobody answers, as behind a dead link. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** SIGCONT: goes on after `pause`. */
  resume(): void {
    if (this.#process !== undefined && isAlive(this.#process)) this.#process.kill('SIGCONT');
  }

  /** Ends the broker and its helper clients and removes every file; for `t.after`. Idempotent. */
  async remove(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
    this.resume();
    await this.kill();
    process.removeListener('exit', this.#removeFolder);
    this.#removeFolder();
  }

  /** Subscribes with mosquitto_sub, a decoder that is not ours, and waits for the SUBACK. */
  async subscribe(filter: string, options: SubscriptionOptions = {}): Promise<Subscription> {
    const subscription = new Subscription(
      this.#clientArguments(),
      filter,
      options,
      () => this.#log,
    );
    this.#subscriptions.push(subscription);
    await subscription.subscribed();
    return subscription;
  }

  /** Publishes with mosquitto_pub and waits until it is done. @throws Error when it fails. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    options: { readonly qos?: 0 | 1 | 2; readonly retain?: boolean } = {},
  ): Promise<void> {
    const args = [...this.#clientArguments(), '-t', topic, '-q', String(options.qos ?? 1)];
    args.push(payload.length === 0 ? '-n' : '-s');
    if (options.retain === true) args.push('-r');
    return new Promise((resolve, reject) => {
      const child = execFile(requireTool('mosquitto_pub'), args, { timeout: 5000 }, (error) =>
        error === null ? resolve() : reject(error),
      );
      child.stdin?.on('error', () => {});
      child.stdin?.end(payload);
    });
  }

  #clientArguments(): string[] {
    const address = ['-h', loopback, '-p', String(this.port()), '-V', 'mqttv5'];
    const credentials = this.options.credentials;
    if (credentials === undefined) return address;
    return [...address, '-u', credentials.user, '-P', credentials.password];
  }

  #writePasswords({ user, password }: { user: string; password: string }): void {
    const args = ['-c', '-b', join(this.#folder, 'passwords'), user, password];
    execFileSync(requireTool('mosquitto_passwd'), args, { stdio: 'ignore' });
  }

  /** Fails, and ends the broker, if a port of ours is open on another address than loopback. */
  async #refuseOpenPorts(): Promise<void> {
    const open = listeningOutsideLoopback();
    const wrong = [...this.#ports].filter(([, port]) => open.has(port));
    if (wrong.length === 0) return;
    await this.kill();
    const names = wrong.map(([listener, port]) => `${listener} (port ${port})`).join(', ');
    throw new Error(`Mosquitto listened beyond loopback, so it was ended: ${names}`);
  }

  readonly #removeFolder = (): void => {
    rmSync(this.#folder, { recursive: true, force: true });
  };
}
