/**
 * The firmware's detector in the form of a scorer for the Numenta Anomaly Benchmark: one instance
 * per series, a score from 0 to 1 for each row.
 */

import { Unusual } from '../../firmware/alarms/unusual/unusual.ts';

export default class Detector {
  readonly unusual = new Unusual();

  push(value: number, atS: number): number {
    return this.unusual.sample(value, atS, true);
  }
}
