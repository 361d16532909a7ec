/**
 * A room over years, for whoever judges its values: seasons and weather outside, a heating that is
 * set back at night and later at weekends, people, open windows, cooking and showers. The same seed
 * always gives the same room. Nothing in it is unusual.
 */

const HOUR_S = 3600;
const DAY_S = 86_400;
const YEAR_S = 365.25 * DAY_S;
/** The air is stepped by so much. */
const STEP_S = 60;
/** The coldest day is in the middle of January. */
const COLDEST_S = 15 * DAY_S;

/** One sample of the room. */
export interface Climate {
  /** °C, to two places, with the noise of a good sensor. */
  readonly temperature: number;
  /** Relative, in percent, to one place. */
  readonly humidity: number;
}

export class IndoorClimate {
  private state: number;
  /** Seconds since the start of a year, which is a Monday. */
  private atS: number;
  private room = 20.5;
  private walls = 20;
  /** Grams of water in a cubic metre of the room. */
  private water = 7;
  /** Weather of days: how far the outside is from its season, in °C, and how damp it is. */
  private front = 0;
  private damp = 0;
  private windowS = 0;
  private steamS = 0;

  constructor(seed: number, startS = 0) {
    this.state = seed >>> 0;
    this.atS = startS;
    for (let i = 0; i < 5; i++) this.random();
  }

  /** Lets time pass. */
  sample(afterS: number): Climate {
    for (const end = this.atS + afterS; this.atS < end; this.atS += STEP_S) this.step();
    const temperature = Math.round(100 * (this.room + 0.02 * this.normal())) / 100;
    const relative = (100 * this.water) / waterMax(this.room);
    const humidity = Math.round(10 * Math.min(99, relative + 0.15 * this.normal())) / 10;
    return { temperature, humidity };
  }

  private step(): void {
    const hour = (this.atS % DAY_S) / HOUR_S;
    const isWeekend = Math.floor(this.atS / DAY_S) % 7 >= 5;
    const wakes = isWeekend ? 8.5 : 6.5;
    const isUp = hour >= wakes && hour < 22.5;
    const isHome = isUp && (isWeekend || hour < 8 || hour >= 17);
    const outside = this.outside(hour);
    this.habits(isHome, isUp, outside);
    const isOpen = this.windowS > 0;
    const wanted = isUp ? 20.8 : 18;
    const heat = Math.max(0, Math.min(0.1, 0.05 * (wanted - this.room)));
    const sun = hour > 9 && hour < 17 ? 0.004 * Math.max(0, 1 - this.damp) : 0;
    this.room += heat + sun + (isHome ? 0.004 : 0) + (this.walls - this.room) / 60;
    this.room += (isOpen ? 0.008 : 0.0003) * (outside - this.room);
    this.walls += (this.room - this.walls) / 900 + (outside - this.walls) / 9000;
    const wet = Math.max(0.4, Math.min(0.98, 0.75 + 0.1 * this.damp));
    const air = isOpen ? 1 / 15 : 1 / 150;
    this.water += air * (waterMax(outside) * wet - this.water) + (isHome ? 0.014 : 0.006);
    if (this.steamS > 0) this.water += 0.1;
    this.water = Math.min(this.water, 0.95 * waterMax(this.room));
  }

  private outside(hour: number): number {
    const share = Math.sqrt(STEP_S / DAY_S);
    this.front += (-this.front * STEP_S) / (3 * DAY_S) + 2.5 * share * this.normal();
    this.damp += (-this.damp * STEP_S) / (2 * DAY_S) + 0.7 * share * this.normal();
    const season = 10 - 10 * Math.cos((2 * Math.PI * (this.atS - COLDEST_S)) / YEAR_S);
    return season + this.front + 3.5 * Math.sin((2 * Math.PI * (hour - 9)) / 24);
  }

  /** Windows are open longer when it is mild outside; somebody cooks or takes a shower. */
  private habits(isHome: boolean, isUp: boolean, outside: number): void {
    this.windowS = Math.max(0, this.windowS - STEP_S);
    this.steamS = Math.max(0, this.steamS - STEP_S);
    if (!isHome) return;
    const often = STEP_S / (4 * HOUR_S);
    if (this.windowS === 0 && this.random() < often) {
      const long = outside > 16 ? 3 * HOUR_S : 15 * 60;
      this.windowS = long * (0.3 + this.random());
    }
    if (isUp && this.random() < STEP_S / (5 * HOUR_S)) this.steamS = (5 + 20 * this.random()) * 60;
  }

  private random(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state / 0x1_0000_0000;
  }

  /** Near enough to a normal distribution. */
  private normal(): number {
    return 2 * (this.random() + this.random() + this.random() - 1.5);
  }
}

/** Grams of water that a cubic metre of air holds at most. */
function waterMax(temperature: number): number {
  return 4.85 * Math.exp((17.3 * temperature) / (237.3 + temperature));
}
