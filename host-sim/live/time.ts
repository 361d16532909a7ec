/** How a simulated board learns the time: its clock, the host's resolver, and the server to ask. */
import type { TimePorts } from '../../firmware/mote/ports.ts';
import type { TimeServer } from '../../firmware/time/time-service.ts';
import type { LiveClock } from './clock.ts';
import { resolveHost } from './resolve.ts';

export function liveTime(clock: LiveClock, server: TimeServer): TimePorts {
  return { clock, resolve: resolveHost, server };
}
