/**
 * A driver that looks for its chip: before the first measurement, and again after each failure, at
 * each address that the chip can have. So a chip that was plugged in late is found, and a driver
 * never writes to another chip that took its place.
 */
import type { I2CBus, I2CDevice, KnownSensor, Quantity, Sensor } from './sensor.ts';

/**
 * How often an answer is asked for. Some chips refuse for 1 ms after a question; a refused transfer
 * takes at least a tenth of that.
 */
const ANSWER_TRIES = 25;

/** A place on the bus that can be moved to another address. */
class Place implements I2CDevice {
  private readonly bus: I2CBus;
  private device: I2CDevice | undefined;

  constructor(bus: I2CBus) {
    this.bus = bus;
  }

  move(address: number): void {
    this.close();
    this.device = this.bus.open(address);
  }

  write(from: Uint8Array, stop?: boolean): void {
    this.device?.write(from, stop);
  }

  read(into: Uint8Array): void {
    this.device?.read(into);
  }

  close(): void {
    this.device?.close();
    this.device = undefined;
  }
}

/** A sensor of the kind `known`, at one of `addresses`. */
export class Located implements Sensor {
  readonly quantities: readonly Quantity[];
  private readonly known: KnownSensor;
  private readonly addresses: readonly number[];
  private readonly place: Place;
  private readonly sensor: Sensor;
  private isFound = false;

  /** @param addresses one at least */
  constructor(known: KnownSensor, addresses: readonly number[], bus: I2CBus, intervalMs: number) {
    this.known = known;
    this.addresses = addresses;
    this.place = new Place(bus);
    this.sensor = known.make(this.place, intervalMs);
    this.quantities = this.sensor.quantities;
  }

  /** @throws Error when the chip is not found, and what the driver throws. */
  trigger(): number {
    if (!this.isFound) this.find();
    this.isFound = false;
    const ms = this.sensor.trigger();
    this.isFound = true;
    return ms;
  }

  /** @throws Error without a trigger, and what the driver throws. */
  collect(into: Float64Array): boolean {
    if (!this.isFound) throw new Error(`${this.known.name}: collect without trigger`);
    this.isFound = false;
    const isReady = this.sensor.collect(into);
    this.isFound = true;
    return isReady;
  }

  changeInterval(intervalMs: number): void {
    this.sensor.changeInterval?.(intervalMs);
  }

  close(): void {
    this.isFound = false;
    this.sensor.close();
  }

  /** A chip that cannot be recognised for certain is taken to be at its only or usual address. */
  private find(): void {
    const { addresses, known, place } = this;
    if (known.isCertain || addresses.length > 1) {
      for (const address of addresses) {
        place.move(address);
        if (isRecognised(place, known)) return;
      }
      if (known.isCertain) {
        const places = addresses.map((address) => `0x${address.toString(16)}`);
        throw new Error(`${known.name}: not found at ${places.join(' or ')}`);
      }
    }
    place.move(addresses[0]);
  }
}

/** Whether what is at an address is a `known`. Never throws, and asks a bounded number of times. */
export function isAt(bus: I2CBus, address: number, known: KnownSensor): boolean {
  try {
    const device = bus.open(address);
    const isFound = isRecognised(device, known);
    device.close();
    return isFound;
  } catch {
    return false;
  }
}

function isRecognised(device: I2CDevice, known: KnownSensor): boolean {
  const answer = new Uint8Array(known.answerBytes);
  try {
    if (known.question.length > 0) device.write(new Uint8Array(known.question));
  } catch {
    return false;
  }
  // A chip that was asked nothing has no reason to wait.
  const triesMax = known.question.length > 0 ? ANSWER_TRIES : 1;
  for (let tries = 0; tries < triesMax; tries += 1) {
    try {
      device.read(answer);
      return known.recognises(answer);
    } catch {}
  }
  return false;
}
