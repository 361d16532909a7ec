/** SHA-256 as a port, the same in every engine; and passwords proven with it. */

import type { ScramMaker } from '../../firmware/device/sign-in.ts';
import { ScramSha256 } from '../../firmware/mqtt/scram/scram.ts';
import type { Digest, Random } from '../../firmware/ports.ts';
import { sha256 } from './signatures/sha256.ts';

export const plainDigest: Digest = (bytes, into, at) => into.set(sha256(bytes), at);

export function plainScram(random: Random): ScramMaker {
  return (user, password) => new ScramSha256({ digest: plainDigest, random, user, password });
}
