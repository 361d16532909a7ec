/** Passwords are not proven by this firmware: `npm run flash -- --scram` takes the other file. */

import type { MotePorts } from '../mote/ports.ts';
import type { Random } from '../ports.ts';

export function scramOf(_random: Random): MotePorts['scram'] {
  return undefined;
}
