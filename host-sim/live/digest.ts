/** SHA-256, by Node. */

import { createHash } from 'node:crypto';
import type { Digest } from '../../firmware/ports.ts';

export const liveDigest: Digest = (bytes, into, at) => {
  into.set(createHash('sha256').update(bytes).digest(), at);
};
