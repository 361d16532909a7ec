/**
 * The compensation of a BME280: from what its converters count to physical values.
 *
 * Each chip carries its own coefficients (Bosch BST-BME280-DS002, section 4.2.2, table 16). They
 * are scaled once, when loaded, so that a measurement costs a few multiplications of doubles. The
 * class reads no bus and judges no value; it refuses coefficients that cannot be a chip's.
 */

/** Bytes of the first block of coefficients, from register 0x88. */
export const BLOCK_ONE_BYTES = 26;
/** Bytes of the second block, from register 0xE1. */
export const BLOCK_TWO_BYTES = 7;

/** The coefficients of one chip. Zeros until `load`. */
export class Bme280Calibration {
  private tZero = 0;
  private tSlope = 0;
  private tCurve = 0;
  private pGain = 0;
  private pGainSlope = 0;
  private pGainCurve = 0;
  private pOffset = 0;
  private pOffsetSlope = 0;
  private pOffsetCurve = 0;
  private pLast = 0;
  private pLastSlope = 0;
  private pLastCurve = 0;
  private hGain = 0;
  private hGainSlope = 0;
  private hGainCurve = 0;
  private hOffset = 0;
  private hOffsetSlope = 0;
  private hBend = 0;

  /**
   * Takes the two blocks as they were read.
   * @returns false when they are blank, as from a chip that is damaged or not there.
   */
  load(one: Uint8Array, two: Uint8Array): boolean {
    const t1 = unsigned16(one, 0);
    const p1 = unsigned16(one, 6);
    if (t1 === 0 || t1 === 0xffff || p1 === 0 || p1 === 0xffff) return false;
    this.tZero = t1 / 1024;
    this.tSlope = signed16(one, 2);
    this.tCurve = signed16(one, 4) / 64;
    this.pGain = p1;
    this.pGainSlope = signed16(one, 8) / 2 ** 34;
    this.pGainCurve = signed16(one, 10) / 2 ** 53;
    this.pOffset = signed16(one, 12) * 16;
    this.pOffsetSlope = signed16(one, 14) / 2 ** 13;
    this.pOffsetCurve = signed16(one, 16) / 2 ** 29;
    this.pLast = signed16(one, 18) / 16;
    this.pLastSlope = signed16(one, 20) / 2 ** 19;
    this.pLastCurve = signed16(one, 22) / 2 ** 35;
    this.loadHumidity(one[25], two);
    return true;
  }

  /** H4 and H5 have 12 bits each and share a byte; H1 ends the first block. */
  private loadHumidity(h1: number, two: Uint8Array): void {
    this.hBend = h1 / 2 ** 19;
    this.hGain = signed16(two, 0) / 2 ** 16;
    this.hGainCurve = two[2] / 2 ** 26;
    this.hOffset = (signed8(two[3]) * 16 + (two[4] & 0x0f)) * 64;
    this.hOffsetSlope = (signed8(two[5]) * 16 + (two[4] >> 4)) / 2 ** 14;
    this.hGainSlope = signed8(two[6]) / 2 ** 26;
  }

  /** The fine temperature, in 1/5120 °C, which the other two need. @param raw 20 bits. */
  fine(raw: number): number {
    const x = raw / 16384 - this.tZero;
    return x * (this.tSlope + x * this.tCurve);
  }

  /** Degrees Celsius. */
  celsius(fine: number): number {
    return fine / 5120;
  }

  /** Pressure in hPa, uncorrected for altitude. @param raw 20 bits; a higher count is less. */
  hectopascals(raw: number, fine: number): number {
    const d = fine / 2 - 64000;
    const gain = this.pGain * (1 + d * (this.pGainSlope + d * this.pGainCurve));
    const offset = this.pOffset + d * (this.pOffsetSlope + d * this.pOffsetCurve);
    const p = ((1048576 - raw - offset) * 6250) / gain;
    return (p + this.pLast + p * (this.pLastSlope + p * this.pLastCurve)) / 100;
  }

  /** Relative humidity in %, held within 0 to 100. @param raw 16 bits. */
  percent(raw: number, fine: number): number {
    const d = fine - 76800;
    const gain = this.hGain * (1 + d * this.hGainSlope * (1 + d * this.hGainCurve));
    const h = (raw - this.hOffset - d * this.hOffsetSlope) * gain;
    return Math.min(100, Math.max(0, h * (1 - h * this.hBend)));
  }
}

function unsigned16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

function signed16(bytes: Uint8Array, at: number): number {
  return (unsigned16(bytes, at) << 16) >> 16;
}

function signed8(byte: number): number {
  return (byte << 24) >> 24;
}
