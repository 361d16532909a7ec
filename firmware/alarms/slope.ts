/** How fast a value moves: the slope of the least-squares line through its last samples. */

/** Samples that count; two would make a rate of every noise. */
const POINTS_MAX = 8;
const POINTS_MIN = 3;
const MINUTE_MS = 60_000;

export class Slope {
  /** Times and values, in turn; the oldest gives way. */
  private readonly points = new Float64Array(2 * POINTS_MAX);
  private count = 0;

  /** @param at milliseconds, later than the one before */
  add(value: number, at: number): void {
    const place = (this.count % POINTS_MAX) * 2;
    this.points[place] = at;
    this.points[place + 1] = value;
    this.count += 1;
  }

  /** Per minute; NaN before there are three samples. */
  get perMinute(): number {
    const { points } = this;
    const count = Math.min(this.count, POINTS_MAX);
    if (count < POINTS_MIN) return Number.NaN;
    let meanAt = 0;
    let mean = 0;
    for (let i = 0; i < count; i += 1) {
      meanAt += points[2 * i] / count;
      mean += points[2 * i + 1] / count;
    }
    let spread = 0;
    let common = 0;
    for (let i = 0; i < count; i += 1) {
      const apart = points[2 * i] - meanAt;
      spread += apart * apart;
      common += apart * (points[2 * i + 1] - mean);
    }
    return (common / spread) * MINUTE_MS;
  }
}
