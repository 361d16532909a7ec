/**
 * The I2C sensors that Mote knows. A line in this table is all that a new driver needs on the board:
 * `npm run manifest` then writes the imports here, the modules of `manifest.json`, the simulator's
 * chips and README's list. `docs/add-a-sensor.md` is the way there.
 *
 * Looking for a chip harms nobody: every question is a read, or the choice of a register, or a
 * command that other chips at these addresses do not have. Some chips have no identification and are
 * told from others by what they show (`isCertain` false).
 */
import { AHT20 } from './drivers/aht20.ts';
import { BH1750 } from './drivers/bh1750.ts';
import { BME280 } from './drivers/bme280.ts';
import { BMP280 } from './drivers/bmp280.ts';
import { HTU21D } from './drivers/htu21d.ts';
import { INA219 } from './drivers/ina219.ts';
import { MCP9808 } from './drivers/mcp9808.ts';
import { SCD4X } from './drivers/scd4x.ts';
import { SHT3X, SHT4X } from './drivers/sht.ts';
import { TMP102 } from './drivers/tmp102.ts';
import { TMP117 } from './drivers/tmp117.ts';
import type { KnownSensor } from './sensor.ts';

/**
 * In the order in which a probe asks and names them. New ones go to the end, so that no board's
 * quantities change their names; but where chips share an address, those that are certain come first.
 */
export const KNOWN_SENSORS: readonly KnownSensor[] = Object.freeze([
  BME280,
  BMP280,
  SHT4X,
  SHT3X,
  SCD4X,
  TMP117,
  AHT20,
  BH1750,
  INA219,
  HTU21D,
  MCP9808,
  TMP102,
]);
