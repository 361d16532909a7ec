/** Random chains judged by our trust and by `openssl verify`, side by side. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Trust, type Verdict } from '../../firmware/network/tls/trust.ts';
import { LiveSignatureMath } from '../../host-sim/live/signature-math.ts';
import { pemOf } from '../../host-sim/virtual/signatures/certificate-maker.ts';
import { requireTool } from './available.ts';
import { ChainDraw, KeyRing, NOW, type RandomChain } from './random-chains.ts';

/**
 * Where we refuse what OpenSSL takes: our verdict, what has to be in the chain, and why. Everything
 * else has to be judged alike.
 */
export const STRICTER: readonly {
  readonly verdict: Verdict;
  readonly feature: string;
  readonly why: string;
}[] = Object.freeze([
  stricter('certificate has no names', 'common name alone', 'a common name counts for nothing'),
  stricter('certificate has no names', 'server of version 1', 'a common name counts for nothing'),
  stricter('certificate algorithm', 'small exponent', 'exponents from 65,537 on: forged with 3'),
  stricter('certificate algorithm', 'short key', 'RSA from 2,048 bits on'),
  stricter('certificate algorithm', 'other curve', 'the board has P-256 and P-384'),
  stricter('certificate algorithm', 'SHA-1', 'SHA-256 or better'),
  stricter('certificate not understood', 'name constraints', 'constraints cannot be judged'),
  stricter('certificate name mismatch', 'star within a label', 'a star is a whole label'),
  stricter('certificate not trusted', 'name in another encoding', 'names are compared as bytes'),
  stricter('certificate not trusted', 'issuer without constraints', 'basicConstraints say it'),
  stricter('certificate malformed', 'broken', 'DER is read to the letter'),
]);

function stricter(verdict: Verdict, feature: string, why: string) {
  return Object.freeze({ verdict, feature, why });
}

/** How one chain was judged. */
export interface Judged {
  readonly seed: number;
  readonly features: readonly string[];
  readonly ours: Verdict;
  /** Empty: it is good. */
  readonly openssl: string;
  /** `same`, a reason of the table, or `LENIENT` and `UNEXPLAINED`, which fail. */
  readonly result: string;
}

export class ChainJudges {
  private readonly folder = mkdtempSync(join(tmpdir(), 'mote-chains-'));
  private readonly keys = new KeyRing();
  private readonly math = new LiveSignatureMath();

  judge(seed: number): Judged {
    const drawn = new ChainDraw(seed, this.keys).draw();
    const { chain, name, features } = drawn;
    const trust = new Trust(pemOf(...drawn.authorities), this.math);
    const ours = trust.judge({ chain, name, now: NOW });
    // Of two authorities of one name OpenSSL tries the first alone: each is given by itself.
    const answers = drawn.authorities.map((given) => this.openssl(drawn, given));
    const openssl = answers.find((answer) => answer === '') ?? answers[answers.length - 1];
    const result = compare(ours, openssl === '', features);
    return { seed, features: [...features], ours, openssl, result };
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private openssl({ chain, name }: RandomChain, authority: Uint8Array): string {
    const [leaf, given, sent] = ['leaf', 'given', 'sent'].map((file) => join(this.folder, file));
    writeFileSync(leaf, pemOf(chain[0]));
    writeFileSync(given, pemOf(authority));
    writeFileSync(sent, pemOf(...chain.slice(1)));
    const isAddress = /^[0-9.]+$|:/.test(name);
    const args = ['verify', '-purpose', 'sslserver', '-attime', `${NOW / 1000}`];
    // An authority that was given counts as it is, root or not.
    args.push('-partial_chain', '-no-CApath', '-no-CAstore', '-CAfile', given);
    if (chain.length > 1) args.push('-untrusted', sent);
    args.push(isAddress ? '-verify_ip' : '-verify_hostname', name, leaf);
    try {
      execFileSync(requireTool('openssl'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
      return '';
    } catch (error) {
      const { stderr, stdout } = error as { stderr: Buffer; stdout: Buffer };
      const text = `${stdout}${stderr}`;
      return /error \d+ at \d+ depth lookup: (.*)/.exec(text)?.[1] ?? 'unreadable';
    }
  }
}

function compare(ours: Verdict, isGood: boolean, features: ReadonlySet<string>): string {
  if ((ours === 'trusted') === isGood) return 'same';
  if (ours === 'trusted') return 'LENIENT';
  const known = STRICTER.find((row) => row.verdict === ours && features.has(row.feature));
  return known === undefined ? 'UNEXPLAINED' : `${known.verdict}: ${known.why}`;
}
