/**
 * The retained message by which Home Assistant finds the device: device-based discovery, one
 * component for each quantity, on `homeassistant/device/<id>/config`. An empty one removes it.
 *
 * Keys are Home Assistant's abbreviations. A reading is expected within three intervals; the status
 * topic says whether the device is there (a sleeping one is).
 */

import { asciiBytes, utf8Length, writeInteger, writeJsonString, writeUtf8 } from '../base/text.ts';
import type { PublishedQuantity } from './reading.ts';

/** Who publishes what, and where. */
export interface DiscoveryFacts {
  /** `[a-z0-9-]+` */
  readonly id: string;
  readonly baseTopic: string;
  readonly firmwareVersion: string;
  readonly intervalMs: number;
  readonly quantities: readonly PublishedQuantity[];
}

/** Where Home Assistant says that it has started. */
export const HOME_ASSISTANT_STATUS = 'homeassistant/status';

/** Device classes by unit, and for `%` by name. */
const CLASSES: Readonly<Record<string, string>> = Object.freeze({
  '°C': 'temperature',
  '°F': 'temperature',
  hPa: 'atmospheric_pressure',
  lx: 'illuminance',
  ppm: 'carbon_dioxide',
  V: 'voltage',
  A: 'current',
  W: 'power',
});

const PRESENT = "{{'online' if value in ['online','sleeping'] else 'offline'}}";
const LATE_INTERVALS = 3;
/** A document with one component less, and what a component takes, at most (id of 32 characters). */
const FRAME_BYTES_MAX = 512;
const COMPONENT_BYTES_MAX = 320;

export class Discovery {
  readonly topic: Uint8Array;
  /** Between two readings. */
  intervalMs: number;
  private readonly facts: DiscoveryFacts;
  private readonly isRemoved: boolean;

  /** @param isRemoved the message is empty: Home Assistant forgets the device */
  constructor(facts: DiscoveryFacts, isRemoved = false) {
    this.facts = facts;
    this.intervalMs = facts.intervalMs;
    this.isRemoved = isRemoved;
    this.topic = asciiBytes(`homeassistant/device/${facts.id}/config`);
  }

  /** The room that the message needs at most, its topic included. */
  get bytesMax(): number {
    const { quantities, baseTopic } = this.facts;
    const bytes =
      FRAME_BYTES_MAX + 3 * utf8Length(baseTopic) + COMPONENT_BYTES_MAX * quantities.length;
    return this.isRemoved ? 0 : bytes;
  }

  /** Writes the message. @returns the position after it; beyond the end when there was no room */
  write(into: Uint8Array, at: number): number {
    if (this.isRemoved) return at;
    const { id, baseTopic, firmwareVersion, quantities } = this.facts;
    let end = pair(into, writeUtf8(into, at, '{"dev":{'), 'ids', id);
    end = next(into, end, 'name', id);
    end = next(into, end, 'mf', 'Mote');
    end = next(into, end, 'sw', firmwareVersion);
    end = pair(into, writeUtf8(into, end, '},"o":{'), 'name', 'Mote');
    end = pair(into, writeUtf8(into, end, '},'), 'stat_t', `${baseTopic}/telemetry`);
    end = next(into, end, 'avty_t', `${baseTopic}/status`);
    end = next(into, end, 'avty_tpl', PRESENT);
    end = writeUtf8(into, end, ',"cmps":{');
    for (let i = 0; i < quantities.length; i++) {
      if (i > 0) end = writeUtf8(into, end, ',');
      end = this.component(into, end, quantities[i]);
    }
    return writeUtf8(into, end, '}}');
  }

  private component(into: Uint8Array, at: number, quantity: PublishedQuantity): number {
    const { name, unit, decimals } = quantity;
    const { intervalMs } = this;
    const { id } = this.facts;
    const known = CLASSES[unit] ?? (name.startsWith('humidity') ? 'humidity' : '');
    let end = writeUtf8(into, writeJsonString(into, at, name), ':{');
    end = pair(into, end, 'p', 'sensor');
    end = next(into, end, 'uniq_id', `${id}_${name}`);
    // The class alone names it well, where the name is not told apart from another one.
    if (known !== name) end = next(into, end, 'name', name);
    if (known !== '') end = next(into, end, 'dev_cla', known);
    if (unit !== '') end = next(into, end, 'unit_of_meas', unit);
    end = next(into, end, 'stat_cla', 'measurement');
    end = next(into, end, 'val_tpl', `{{value_json.${name}}}`);
    end = writeInteger(into, writeUtf8(into, end, ',"sug_dsp_prc":'), decimals);
    const lateS = Math.ceil((LATE_INTERVALS * intervalMs) / 1000);
    end = writeInteger(into, writeUtf8(into, end, ',"exp_aft":'), lateS);
    return writeUtf8(into, end, '}');
  }
}

function pair(into: Uint8Array, at: number, key: string, value: string): number {
  const colon = writeUtf8(into, writeJsonString(into, at, key), ':');
  return writeJsonString(into, colon, value);
}

function next(into: Uint8Array, at: number, key: string, value: string): number {
  return pair(into, writeUtf8(into, at, ','), key, value);
}
