/**
 * Driver of Sensirion's SCD4x (SCD40, SCD41, SCD43): carbon dioxide, temperature and humidity (data
 * sheet SCD4x, version 1.4; the commands have their names there).
 *
 * The interval of the rounds chooses how it measures: below 30 s every 5 s (start_periodic_
 * measurement), below 5 minutes every 30 s (start_low_power_periodic_measurement), else one
 * measurement per round, which takes 5 s (measure_single_shot). An SCD40 cannot do the last: when
 * none comes of it, the low-power mode takes its place.
 *
 * In the periodic modes a round never waits for the chip: it gives the chip's last measurement, or
 * none before the first. A chip that has given nothing new for two of its periods lost power or is
 * stuck, and is set up anew. One that still runs from before a reset is stopped first, which costs
 * a round.
 */

import { Wire } from '../bus/wire.ts';
import type { I2CDevice, KnownSensor, Quantity, Sensor } from '../sensor.ts';
import { areWordsValid, checkWords, fraction } from './sensirion.ts';

const PERIODIC = 0x21b1;
const LOW_POWER = 0x21ac;
const SINGLE_SHOT = 0x219d;
const STOP = 0x3f86;
const IS_READY = 0xe4b8;
const READ = 0xec05;
const PERIOD_MS = 5000;
const LOW_POWER_PERIOD_MS = 30_000;
/** From here on measuring once is cheaper, and what the self-calibration expects at the least. */
const SINGLE_SHOT_FROM_MS = 300_000;
const SINGLE_SHOT_MS = 5001;
const STOP_MS = 501;
/** Between a question and its answer, with a tick of the caller's clock. */
const ANSWER_MS = 2;
/** Rounds without a single shot before it is taken for an SCD40. */
const SINGLE_SHOT_TRIES = 2;

/** Decimals: temperature and humidity serve the compensation, accurate to 0.8 °C and 6 %. */
const QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'co2', kind: 'carbon dioxide', unit: 'ppm', decimals: 0 }),
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 1 }),
  Object.freeze({ name: 'humidity', kind: 'humidity', unit: '%', decimals: 0 }),
]);

/** Where a round stands. */
const STARTED = 0;
const STOPPING = 1;
const ASKED = 2;
const READING = 3;

/** One SCD4x. */
export class Scd4x implements Sensor {
  readonly quantities = QUANTITIES;
  private readonly wire: Wire;
  private readonly command = new Uint8Array(2);
  private readonly word = new Uint8Array(3);
  private readonly reply = new Uint8Array(9);
  private readonly last = new Float64Array(3);
  private mode: number;
  private step = STARTED;
  /** Rounds in a row without anything new, and how many are too many. */
  private missed = 0;
  private missedMax = SINGLE_SHOT_TRIES;
  /** It was asked for a single shot, and none came. */
  private isScd40 = false;

  /** @param intervalMs of the rounds, above 0 */
  constructor(device: I2CDevice, intervalMs: number) {
    if (!(intervalMs > 0)) throw new RangeError('SCD4x: the interval must be above 0');
    this.wire = new Wire('SCD4x', device);
    this.mode = this.choose(intervalMs);
  }

  /** A mode that no longer fits is left with the next round. @param intervalMs above 0 */
  changeInterval(intervalMs: number): void {
    const mode = this.choose(intervalMs);
    this.missed = 0;
    if (mode === this.mode) return;
    this.mode = mode;
    this.wire.isSetUp = false;
    this.wire.isMeasuring = false;
  }

  /** The mode for rounds of this interval, and how many of them may bring nothing new. */
  private choose(intervalMs: number): number {
    if (intervalMs >= SINGLE_SHOT_FROM_MS && !this.isScd40) {
      this.missedMax = SINGLE_SHOT_TRIES;
      return SINGLE_SHOT;
    }
    const lowPower = intervalMs >= LOW_POWER_PERIOD_MS;
    const periodMs = lowPower ? LOW_POWER_PERIOD_MS : PERIOD_MS;
    this.missedMax = 1 + Math.ceil((2 * periodMs) / intervalMs);
    return lowPower ? LOW_POWER : PERIODIC;
  }

  /** @throws Error when the chip does not answer, or has given nothing new for too long. */
  trigger(): number {
    const { wire } = this;
    if (this.mode === SINGLE_SHOT && wire.isMeasuring) this.missed += 1;
    if (this.missed >= this.missedMax) this.giveUp();
    if (wire.isSetUp && this.mode !== SINGLE_SHOT) {
      this.ask(IS_READY, ASKED);
      return ANSWER_MS;
    }
    this.last.fill(Number.NaN);
    return this.start();
  }

  /**
   * @throws Error when the chip does not answer, a checksum is wrong, or a value is outside its
   * range.
   */
  collect(into: Float64Array): boolean {
    const { reply, wire, word } = this;
    wire.needsTrigger();
    if (this.step === STARTED && this.mode === SINGLE_SHOT) {
      if (wire.offer(this.commandOf(IS_READY))) this.step = ASKED;
      return false;
    }
    if (this.step === STARTED || this.step === STOPPING) return this.giveLast(into);
    if (!wire.poll(this.step === ASKED ? word : reply)) return false;
    if (this.step === READING) return this.take(into);
    checkWords(wire, word);
    // The lower eleven bits are zero while there is nothing to read.
    if ((word[0] & 0x07) !== 0 || word[1] !== 0) {
      this.ask(READ, READING);
      return false;
    }
    if (this.mode !== SINGLE_SHOT) return this.giveLast(into);
    this.ask(IS_READY, ASKED);
    return false;
  }

  close(): void {
    this.wire.close();
  }

  /** A chip that measures already refuses to start, and so does one that is not there. */
  private start(): number {
    const { wire } = this;
    const isStarted = wire.offer(this.commandOf(this.mode));
    if (isStarted) {
      wire.isSetUp = true;
      if (this.mode !== SINGLE_SHOT) this.missed = 0;
      this.step = STARTED;
    } else {
      wire.send(this.commandOf(STOP));
      this.step = STOPPING;
    }
    wire.isMeasuring = true;
    if (!isStarted) return STOP_MS;
    return this.mode === SINGLE_SHOT ? SINGLE_SHOT_MS : 0;
  }

  private giveUp(): void {
    this.missed = 0;
    if (this.mode !== SINGLE_SHOT) this.wire.fail('gives no new measurement');
    this.isScd40 = true;
    this.mode = LOW_POWER;
    this.missedMax = SINGLE_SHOT_TRIES;
    this.wire.isSetUp = false;
  }

  private giveLast(into: Float64Array): true {
    this.missed += 1;
    this.wire.isMeasuring = false;
    into.set(this.last);
    return true;
  }

  /** read_measurement: T = −45 + 175 × word / (2^16 − 1), humidity = 100 × word / (2^16 − 1). */
  private take(into: Float64Array): true {
    const { last, reply, wire } = this;
    checkWords(wire, reply);
    const co2 = (reply[0] << 8) | reply[1];
    const celsius = -45 + 175 * fraction(reply, 1);
    // A sample that is not valid has good checksums all the same; air is never without it.
    if (co2 === 0) wire.reject('no carbon dioxide was measured');
    last[0] = wire.within(co2, 0, 40_000, 'carbon dioxide');
    last[1] = wire.within(celsius, -10, 60, 'temperature');
    last[2] = 100 * fraction(reply, 2);
    this.missed = 0;
    wire.isMeasuring = false;
    into.set(last);
    return true;
  }

  private ask(command: number, next: number): void {
    this.wire.send(this.commandOf(command));
    this.wire.isMeasuring = true;
    this.step = next;
  }

  private commandOf(command: number): Uint8Array {
    this.command[0] = command >> 8;
    this.command[1] = command & 0xff;
    return this.command;
  }
}

/** The question is allowed while it measures; an MCP4725, also at 0x62, ignores it. */
export const SCD4X = Object.freeze<KnownSensor>({
  name: 'scd4x',
  addresses: Object.freeze([0x62]),
  question: Object.freeze([IS_READY >> 8, IS_READY & 0xff]),
  answerBytes: 3,
  recognises: areWordsValid,
  isCertain: true,
  make: (device, intervalMs) => new Scd4x(device, intervalMs),
});
