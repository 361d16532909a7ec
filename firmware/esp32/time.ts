/** How the board learns the time: its clock, and its name server. The rest is `time/`'s. */

import type { TimePorts } from '../mote/ports.ts';
import type { BoardClock } from './clock.ts';
import { resolveName } from './resolve.ts';

export function boardTime(clock: BoardClock): TimePorts {
  return { clock, resolve: resolveName };
}
