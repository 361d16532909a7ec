/**
 * The sensor class pattern of ECMA-419 as Mote uses it, with trigger and collect apart so that no
 * driver ever blocks the machine while a measurement runs.
 */

/** An ECMA-419 SMBus or I2C register interface. A failed transfer throws. */
export interface RegisterBus {
  readUint8(register: number): number;
  writeUint8(register: number, value: number): void;
  /** Reads consecutive registers from `register` into `into`; `into.length` bytes. */
  readBuffer(register: number, into: Uint8Array): void;
  writeBuffer(register: number, from: Uint8Array): void;
  close(): void;
}

/** One chip on an I2C bus (ECMA-419 I2C). A transfer that the chip does not acknowledge throws. */
export interface I2CDevice {
  /** @param stop false: the next transfer follows with a repeated start */
  write(from: Uint8Array, stop?: boolean): void;
  /** Reads `into.length` bytes. */
  read(into: Uint8Array): void;
  close(): void;
}

/** An I2C bus. */
export interface I2CBus {
  /** @param address 7 bits, 0x08 to 0x77 */
  open(address: number): I2CDevice;
}

/**
 * An analog input (ECMA-419 Analog). The port divides what that class reads by the highest count of
 * its `resolution`.
 */
export interface AnalogInput {
  /** The part of the reference voltage, 0 to 1. */
  read(): number;
  close(): void;
}

/** A digital input (ECMA-419 Digital). */
export interface DigitalInput {
  /** 0 or 1. */
  read(): number;
  close(): void;
}

/** A counter that counts by itself: in hardware (ECMA-419 PulseCount) or by interrupts. */
export interface PulseInput {
  /** Pulses since it was opened, as 32 bits that wrap around, signed or not. */
  read(): number;
  close(): void;
}

/** A one-wire bus with its only master. It feeds no sensor over the data line. */
export interface OneWireBus {
  /** Begins anew. @returns whether anything answered with its presence */
  reset(): boolean;
  write(from: Uint8Array): void;
  /** Reads `into.length` bytes: ones where nobody answers. */
  read(into: Uint8Array): void;
  /** The ROM codes that are found, 8 bytes with the family first. */
  search(): Uint8Array[];
  close(): void;
}

/**
 * One kind of I2C sensor: what it is called, where it is, how it is recognised, and its driver. Each
 * driver exports what it knows of its chip in this form, frozen, for the table in `known-sensors.ts`.
 */
export interface KnownSensor {
  /** In settings and diagnostics: `bme280`. */
  readonly name: string;
  /** Seven bits; the usual one first. */
  readonly addresses: readonly number[];
  /** What is written before the answer is read; nothing for a chip that is only read. */
  readonly question: readonly number[];
  readonly answerBytes: number;
  readonly recognises: (answer: Uint8Array) => boolean;
  /** Another chip cannot give such an answer, and this one always does. */
  readonly isCertain: boolean;
  /** @param intervalMs between the rounds */
  readonly make: (device: I2CDevice, intervalMs: number) => Sensor;
}

/** What a value is, whatever its name and unit. What has no kind is just a number. */
export type QuantityKind =
  | 'temperature'
  | 'humidity'
  | 'pressure'
  | 'carbon dioxide'
  | 'illuminance'
  | 'voltage'
  | 'current'
  | 'power'
  | 'level'
  | 'contact'
  | 'total'
  | 'rate';

/** One quantity of a sensor: its JSON name, what it is, its unit and sensible precision. */
export interface Quantity {
  /** As in the telemetry payload, e.g. `temperature`. */
  readonly name: string;
  readonly kind?: QuantityKind;
  readonly unit: string;
  /** Decimal places that the sensor's resolution supports. */
  readonly decimals: number;
}

/** A driver. Errors are thrown with one plain sentence; the sampler keeps the others going. */
export interface Sensor {
  readonly quantities: readonly Quantity[];
  /** Starts a measurement. @returns milliseconds until `collect` may be called. */
  trigger(): number;
  /**
   * Reads the finished measurement.
   * @param into receives one value per quantity, in their order; NaN where one is absent.
   * @returns false when the measurement is not ready yet.
   */
  collect(into: Float64Array): boolean;
  /** From the next round on they come so far apart, in ms; for chips that measure by themselves. */
  changeInterval?(intervalMs: number): void;
  close(): void;
}
