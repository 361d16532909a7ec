/**
 * Sensors on an analog input: a voltage with a scale, and a thermistor in a divider.
 *
 * Both take one sample of the input when they are collected. An input beyond what the divider can
 * give means a broken or shorted thermistor and is refused.
 */
import type { AnalogInput, Quantity, Sensor } from '../sensor.ts';

/** What an analog input stands for. */
export interface AnalogScale extends Quantity {
  /** The value at the input's 0, and at its 1. Either may be the greater one. */
  readonly low: number;
  readonly high: number;
}

/** A quantity that is proportional to a voltage: soil moisture, a battery behind a divider. */
export class Analog implements Sensor {
  readonly quantities: readonly Quantity[];
  private readonly input: AnalogInput;
  private readonly scale: AnalogScale;

  constructor(input: AnalogInput, scale: AnalogScale) {
    this.input = input;
    this.scale = scale;
    const { name, kind, unit, decimals } = scale;
    this.quantities = [{ name, kind, unit, decimals }];
  }

  trigger(): number {
    return 0;
  }

  /** @throws Error when the input gives no number from 0 to 1. */
  collect(into: Float64Array): boolean {
    const { low, high, name } = this.scale;
    into[0] = low + (high - low) * readOf(this.input, name);
    return true;
  }

  close(): void {
    this.input.close();
  }
}

/** A thermistor with negative coefficient and the resistor with which it divides the reference. */
export interface ThermistorCircuit {
  /** The fixed resistor in ohm. */
  readonly seriesOhm: number;
  /** Whether the thermistor is at the reference voltage and the fixed resistor at ground. */
  readonly atReference?: boolean;
  /** 1/T = a + b ln R + c (ln R)³, in kelvin and ohm (Steinhart and Hart); `beta` gives a and b. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const KELVIN = 273.15;

/**
 * The coefficients of a thermistor that is known by its beta: c is 0 then.
 * @param ohm its resistance at `celsius`, usually 25
 * @param beta in kelvin
 */
export function beta(ohm: number, celsius: number, beta: number): { a: number; b: number; c: 0 } {
  return { a: 1 / (celsius + KELVIN) - Math.log(ohm) / beta, b: 1 / beta, c: 0 };
}

/** Beyond these parts of the reference the thermistor is open or shorted. */
const RATIO_MIN = 0.003;
const RATIO_MAX = 0.997;

const THERMISTOR_QUANTITIES: readonly Quantity[] = Object.freeze([
  Object.freeze({ name: 'temperature', kind: 'temperature', unit: '°C', decimals: 1 }),
]);

/** A thermistor. */
export class Thermistor implements Sensor {
  readonly quantities = THERMISTOR_QUANTITIES;
  private readonly input: AnalogInput;
  private readonly circuit: ThermistorCircuit;

  /** @throws RangeError for a resistor that is not above 0. */
  constructor(input: AnalogInput, circuit: ThermistorCircuit) {
    if (!(circuit.seriesOhm > 0)) throw new RangeError('thermistor: seriesOhm must be above 0');
    this.input = input;
    this.circuit = circuit;
  }

  trigger(): number {
    return 0;
  }

  /** @throws Error when the thermistor is open or shorted, or shows no temperature. */
  collect(into: Float64Array): boolean {
    const { a, atReference, b, c, seriesOhm } = this.circuit;
    const read = readOf(this.input, 'thermistor');
    const ratio = atReference ? 1 - read : read;
    if (ratio < RATIO_MIN) throw new Error('thermistor: shorted');
    if (ratio > RATIO_MAX) throw new Error('thermistor: open');
    const log = Math.log((seriesOhm * ratio) / (1 - ratio));
    const celsius = 1 / (a + b * log + c * log ** 3) - KELVIN;
    if (!(celsius >= -60 && celsius <= 300)) throw new Error('thermistor: outside its range');
    into[0] = celsius;
    return true;
  }

  close(): void {
    this.input.close();
  }
}

function readOf(input: AnalogInput, name: string): number {
  const ratio = input.read();
  if (!(ratio >= 0 && ratio <= 1)) throw new Error(`${name}: the analog input gives no value`);
  return ratio;
}
