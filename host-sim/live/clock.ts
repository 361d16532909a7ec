/**
 * Time of the host: monotonic from the process, wall time from the operating system, which is
 * taken to be synchronised.
 */
import { performance } from 'node:perf_hooks';
import type { Clock, TimeQuality } from '../../firmware/ports.ts';

export class LiveClock implements Clock {
  now(): number {
    return performance.now();
  }

  wall(): number {
    return Date.now();
  }

  quality(): TimeQuality {
    return 'sync';
  }
}
