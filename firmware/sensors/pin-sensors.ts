/**
 * Sensors on pins, made by their names in the settings: a kind, a dash, the number of the GPIO.
 *
 *   analog-34    what the input reads, 0 to 100 % of the reference
 *   ntc-34       a thermistor of 10 kΩ at 25 °C, beta 3950, at ground; 10 kΩ to the reference
 *   contact-4    1 while the pin is connected to ground
 *   pulse-5      pulses in total and per minute
 *
 * An input is opened at the first trigger, and anew after each failure: a pin that cannot be what
 * it is named for makes one dead sensor with a reason. Quantities are named after their pin, so
 * that they keep their names whatever else is connected.
 */
import { Analog, beta, Thermistor } from './drivers/analog.ts';
import { Digital, Pulses } from './drivers/digital.ts';
import type { NamedSensor } from './probe.ts';
import type { AnalogInput, DigitalInput, PulseInput, Quantity, Sensor } from './sensor.ts';

/** The board's pins. Each throws one plain sentence when the pin cannot be opened. */
export interface PinInputs {
  analog(pin: number): AnalogInput;
  /** With a pull-up: an open pin reads 1. */
  digital(pin: number): DigitalInput;
  pulses(pin: number): PulseInput;
}

const NAME = /^(analog|ntc|contact|pulse)-(0|[1-9]\d?)$/;
const PIN_MAX = 48;
const NTC = Object.freeze({ seriesOhm: 10_000, ...beta(10_000, 25, 3950) });

/** A sensor that opens its own input, and is the input of its driver. */
class PinSensor implements Sensor {
  readonly quantities: readonly Quantity[];
  private readonly open: () => AnalogInput;
  private readonly driver: Sensor;
  private input: AnalogInput | undefined;

  constructor(open: () => AnalogInput, drive: (input: AnalogInput) => Sensor) {
    this.open = open;
    this.driver = drive({ read: () => this.input?.read() ?? 0, close: () => this.release() });
    this.quantities = this.driver.quantities;
  }

  /** @throws Error when the input cannot be opened */
  trigger(): number {
    this.input ??= this.open();
    return this.driver.trigger();
  }

  /** @throws Error without a trigger, and what the driver throws */
  collect(into: Float64Array): boolean {
    if (this.input === undefined) throw new Error('collect without trigger');
    try {
      return this.driver.collect(into);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  close(): void {
    this.driver.close();
  }

  private release(): void {
    this.input?.close();
    this.input = undefined;
  }
}

/**
 * The sensors on pins among `names`, in that order. Nothing is opened before their first trigger.
 * Other names are left out, and so is a name that was there before.
 * @param now a monotonic clock in ms
 */
export function createPinSensors(
  names: readonly string[],
  inputs: PinInputs,
  now: () => number,
): NamedSensor[] {
  const made: NamedSensor[] = [];
  names.forEach((name, i) => {
    const [, kind, digits] = NAME.exec(name) ?? [];
    const pin = Number(digits);
    if (!(pin <= PIN_MAX) || names.indexOf(name) !== i) return;
    made.push({ name, sensor: pinSensor(kind, pin, inputs, now) });
  });
  return made;
}

/** Whether `createPinSensors` can make a sensor of this name. */
export function isPinSensorName(name: string): boolean {
  return pinOf(name) <= PIN_MAX;
}

/** The GPIO in the name of a sensor on a pin; NaN in another name. */
export function pinOf(name: string): number {
  return Number(NAME.exec(name)?.[2]);
}

function pinSensor(kind: string, pin: number, inputs: PinInputs, now: () => number): Sensor {
  const analog = () => inputs.analog(pin);
  if (kind === 'ntc') return new PinSensor(analog, (input) => new Thermistor(input, NTC));
  const name = `${kind}_${pin}`;
  if (kind === 'analog') {
    const scale = { name, kind: 'level', unit: '%', decimals: 1, low: 0, high: 100 } as const;
    return new PinSensor(analog, (input) => new Analog(input, scale));
  }
  if (kind === 'contact') {
    const open = () => inputs.digital(pin);
    return new PinSensor(open, (input) => new Digital(input, name, true));
  }
  const meaning = { name, unit: '', decimals: 0, perPulse: 1 };
  return new PinSensor(
    () => inputs.pulses(pin),
    (input) => new Pulses(input, meaning, now),
  );
}
