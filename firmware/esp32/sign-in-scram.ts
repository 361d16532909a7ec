/** Passwords proven by SCRAM-SHA-256, in place of `sign-in.ts` where the firmware is built with it. */

import { Digest as PlatformDigest } from 'crypt';
import type { MotePorts } from '../mote/ports.ts';
import { ScramSha256 } from '../mqtt/scram/scram.ts';
import type { Random } from '../ports.ts';

export function scramOf(random: Random): MotePorts['scram'] {
  return (user, password) => {
    const sha256 = new PlatformDigest('SHA256');
    return new ScramSha256({
      digest: (bytes, into, at) => into.set(new Uint8Array(sha256.process(bytes)), at),
      random,
      user,
      password,
    });
  };
}
