/**
 * Which server the next attempt goes to: the configured one, or one that a broker named.
 *
 * A temporary redirect (0x9C) lasts until that server fails. A permanent one (0x9D) outlives single
 * failures, but not three attempts in a row without an answer: a broker that is wrong about its
 * successor must not strand the board. A chain has a bound, then the configured server is asked
 * again. The scheme never changes: a redirect cannot take TLS away, and over TLS the other server
 * needs a certificate by the same authorities for its own name. Without TLS whoever can answer for
 * the broker could take board and password away, so none is followed unless the settings allow it,
 * and none for good.
 *
 * It refuses to follow what server-reference.ts cannot read, and keeps nothing over a restart.
 */
import { parseServerReference } from './server-reference.ts';

/** Which redirects are followed; `temporary`: a permanent one counts as a temporary one. */
export type RedirectPolicy = 'all' | 'temporary' | 'none';

const MOVED_FAILURES_MAX = 3;

export class Destination {
  host: string;
  port: number;
  /** Whether a broker sent us to the present server, and for how long. */
  redirected: 'no' | 'temporary' | 'permanent' = 'no';

  private readonly home: { readonly host: string; readonly port: number };
  private readonly chainMax: number;
  private readonly isForGood: boolean;
  private chain = 0;
  private failures = 0;

  /** `chainMax` redirects are followed in a row, 0 for none. */
  constructor(host: string, port: number, policy: RedirectPolicy, chainMax: number) {
    this.home = Object.freeze({ host, port });
    this.chainMax = policy === 'none' ? 0 : chainMax;
    this.isForGood = policy === 'all';
    this.host = host;
    this.port = port;
  }

  /**
   * A broker sent us elsewhere. Returns whether that is followed; if not, the chain is over and
   * the next attempt goes to the configured server.
   */
  redirect(reference: string, permanent: boolean): boolean {
    const next =
      this.chain < this.chainMax ? parseServerReference(reference, this.home.port) : undefined;
    if (next === undefined) {
      this.goHome();
      return false;
    }
    this.chain += 1;
    this.failures = 0;
    this.host = next.host;
    this.port = next.port;
    this.redirected = permanent && this.isForGood ? 'permanent' : 'temporary';
    return true;
  }

  /** The present server failed, in a way that is its own fault. */
  fail(): void {
    this.chain = 0;
    this.failures += 1;
    if (this.redirected === 'temporary' || this.failures >= MOVED_FAILURES_MAX) this.goHome();
  }

  /** The present server accepted us. */
  accept(): void {
    this.failures = 0;
  }

  /** The connection proved stable: a later redirect starts a new chain. */
  settle(): void {
    this.chain = 0;
  }

  private goHome(): void {
    this.host = this.home.host;
    this.port = this.home.port;
    this.redirected = 'no';
    this.chain = 0;
    this.failures = 0;
  }
}
