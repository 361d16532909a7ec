/** Errors that end a connection because of what the broker did (5.0 section 4.13). */

import { PeerError } from '../../base/errors.ts';
import { Reason } from './constants.ts';

/** For a packet that cannot be read. */
export function malformed(problem: string): PeerError {
  return new PeerError(Reason.malformed, problem);
}

/** For a packet that can be read and is not allowed. */
export function illegal(problem: string): PeerError {
  return new PeerError(Reason.protocolError, problem);
}

/** For an acknowledgement that belongs to another packet type than its identifier. */
export function wrongKind(): PeerError {
  return illegal('acknowledgement of the wrong kind');
}
