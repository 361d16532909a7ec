/**
 * The chips that simulated boards can have on their I2C buses: each `ChipModel` that a file of this
 * folder exports. `npm run manifest` writes this file.
 */
import { AHT20_CHIP } from './aht20-chip.ts';
import { BH1750_CHIP } from './bh1750-chip.ts';
import { BME280_CHIP, BMP280_CHIP } from './bme280-chip.ts';
import { HTU21D_CHIP } from './htu21d-chip.ts';
import type { ChipModel } from './i2c-bus.ts';
import { INA219_CHIP } from './ina219-chip.ts';
import { MCP9808_CHIP } from './mcp9808-chip.ts';
import { SCD4X_CHIP } from './scd4x-chip.ts';
import { SHT3X_CHIP, SHT4X_CHIP } from './sht-chips.ts';
import { TMP102_CHIP } from './tmp102-chip.ts';
import { TMP117_CHIP } from './tmp117-chip.ts';

export const CHIP_MODELS: readonly ChipModel[] = Object.freeze([
  AHT20_CHIP,
  BH1750_CHIP,
  BME280_CHIP,
  BMP280_CHIP,
  HTU21D_CHIP,
  INA219_CHIP,
  MCP9808_CHIP,
  SCD4X_CHIP,
  SHT3X_CHIP,
  SHT4X_CHIP,
  TMP102_CHIP,
  TMP117_CHIP,
]);
