/** What the broker did wrong, as the errors that end a connection (5.0 section 4.13). */

import { PeerError } from '../../base/errors.ts';
import { Reason } from './constants.ts';

/** It cannot be read. */
export function malformed(problem: string): PeerError {
  return new PeerError(Reason.malformed, problem);
}

/** It can be read and is not allowed. */
export function illegal(problem: string): PeerError {
  return new PeerError(Reason.protocolError, problem);
}

/** An acknowledgement that belongs to another packet type than its identifier. */
export function wrongKind(): PeerError {
  return illegal('acknowledgement of the wrong kind');
}
