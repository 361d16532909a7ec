/**
 * The retained message by which Home Assistant finds the device: device-based discovery, one
 * component for each quantity and each alarm, on `homeassistant/device/<hardware>/config`. An empty one removes it.
 *
 * Keys are Home Assistant's abbreviations. The board is known by its hardware address: its name, its
 * topics and its broker may change, and it stays the same device. A reading is expected within three
 * intervals (two after a silence that is allowed), and a value that is missing from one is unknown (`None`), not what it was before; the
 * status topic says whether the device is there (a sleeping one is).
 */

import { asciiBytes } from '../base/ascii.ts';
import { writeInteger } from '../base/decimal.ts';
import { writeJsonString } from '../base/json-string.ts';
import { utf8Length, writeUtf8 } from '../base/utf8.ts';
import type { Quantity, QuantityKind } from '../sensors/sensor.ts';
import { next, pair } from './discovery-json.ts';

/** Who publishes what, and where. */
export interface DiscoveryFacts {
  /** `[a-z0-9-]+` */
  readonly id: string;
  /** The device's name for people, in any letters; empty: the `id`. */
  readonly label: string;
  /** 12 hexadecimal digits, the MAC; empty: `id` is all that is known. */
  readonly hardwareId: string;
  /** What the board is, such as `ESP32-C3`; empty for not known. */
  readonly model: string;
  readonly baseTopic: string;
  readonly firmwareVersion: string;
  /** Infinity: there is no client certificate. */
  readonly certificateEndsAt: number;
  readonly intervalMs: number;
  readonly quantities: readonly Quantity[];
  /** Milliseconds for which there may be no reading; 0: there is one each interval. */
  readonly quietMs: number;
  /** The alarms of the rules. */
  readonly alarmNames: readonly string[];
}

/** Where Home Assistant says that it has started. */
export const HOME_ASSISTANT_STATUS = 'homeassistant/status';

/** Home Assistant's device class of a kind of quantity; empty where it has none. */
const CLASSES: Readonly<Record<QuantityKind, string>> = Object.freeze({
  temperature: 'temperature',
  humidity: 'humidity',
  pressure: 'atmospheric_pressure',
  'carbon dioxide': 'carbon_dioxide',
  illuminance: 'illuminance',
  voltage: 'voltage',
  current: 'current',
  power: 'power',
  level: '',
  contact: '',
  total: '',
  rate: '',
});

/** What people call a kind, before the number that tells it from others of its kind. */
const TITLES: Readonly<Record<QuantityKind, string>> = Object.freeze({
  temperature: 'Temperature',
  humidity: 'Humidity',
  pressure: 'Pressure',
  'carbon dioxide': 'Carbon dioxide',
  illuminance: 'Illuminance',
  voltage: 'Voltage',
  current: 'Current',
  power: 'Power',
  level: 'Level on GPIO',
  contact: 'Contact on GPIO',
  total: 'Pulses on GPIO',
  rate: 'Pulse rate on GPIO',
});

/** Makes Home Assistant's words of those of the status topic. */
export const PRESENT = "{{'online' if value in ['online','sleeping'] else 'offline'}}";
/** An alarm is a problem until it is over, or silenced. */
const PROBLEM = "{{'OFF' if value_json.state in ['normal','shelved'] else 'ON'}}";
/** The button by which all alarms are acknowledged. */
const ACKNOWLEDGE = 'acknowledge';
/** A value is late so long after the next reading was expected. */
const LATE_INTERVALS = 2;
/** A document with one component less, and what a component takes, at most (id of 32 characters). */
const FRAME_BYTES_MAX = 960;
const COMPONENT_BYTES_MAX = 352;
/** An alarm, beside its name and its topic, each several times; and the button, beside its topic. */
const ALARM_BYTES = 224;
const BUTTON_BYTES = 160;
/** A component that is removed, beside its name. */
const STUB_BYTES = 28;

export class Discovery {
  readonly topic: Uint8Array;
  /** The components, as `withdraw` and the next boot want them: platform, colon, name. */
  readonly components: string;
  /** Between two readings. */
  intervalMs: number;
  /** The message is empty: Home Assistant forgets the device. */
  isRemoved: boolean;
  private readonly facts: DiscoveryFacts;
  private readonly key: string;
  /** Components that were announced once and are no more: said as such until that is heard. */
  private gone: readonly string[];

  /**
   * @param isRemoved the message is empty from the start
   * @param before the components that were announced last, as `components` has them
   */
  constructor(facts: DiscoveryFacts, isRemoved = false, before = '') {
    this.facts = facts;
    this.intervalMs = facts.intervalMs;
    this.isRemoved = isRemoved;
    this.key = deviceKey(facts);
    this.topic = discoveryTopic(this.key);
    const { quantities, alarmNames } = facts;
    const buttons = alarmNames.length > 0 ? [`button:${ACKNOWLEDGE}`] : NONE;
    const alarms = alarmNames.map((name) => `binary_sensor:${name}`);
    const present = [...quantities.map(componentOf), ...alarms, ...buttons];
    this.components = present.join(',');
    this.gone = before.split(',').filter((name) => name !== '' && !present.includes(name));
  }

  /** All that Home Assistant may know of from now on, until `heard`. */
  get maybeKnown(): string {
    return [this.components, ...this.gone].filter((part) => part !== '').join(',');
  }

  /** Home Assistant's broker has the message. */
  heard(): void {
    this.gone = NONE;
  }

  /** The room that the message needs at most, its topic included. */
  get bytesMax(): number {
    const { quantities, alarmNames, baseTopic } = this.facts;
    const topicBytes = utf8Length(baseTopic);
    const perAlarm = ALARM_BYTES + 2 * topicBytes;
    const alarms = alarmNames.reduce((sum, name) => sum + perAlarm + 5 * name.length, 0);
    const button = alarms > 0 ? BUTTON_BYTES + topicBytes : 0;
    const components = COMPONENT_BYTES_MAX * quantities.length + alarms + button;
    const stubs = this.gone.reduce((sum, name) => sum + name.length + STUB_BYTES, 0);
    return FRAME_BYTES_MAX + 3 * topicBytes + components + stubs;
  }

  /** Writes the message. @returns the position after it; beyond the end when there was no room */
  write(into: Uint8Array, at: number): number {
    if (this.isRemoved) return at;
    const { baseTopic, firmwareVersion, quantities, alarmNames } = this.facts;
    let end = this.device(into, at);
    end = pair(into, writeUtf8(into, end, '},"o":{'), 'name', 'Mote');
    end = next(into, end, 'sw', firmwareVersion);
    end = pair(into, writeUtf8(into, end, '},'), 'stat_t', `${baseTopic}/telemetry`);
    end = next(into, end, 'avty_t', `${baseTopic}/status`);
    end = next(into, end, 'avty_tpl', PRESENT);
    end = writeUtf8(into, end, ',"cmps":{');
    for (let i = 0; i < quantities.length; i++) {
      if (i > 0) end = writeUtf8(into, end, ',');
      end = this.component(into, end, quantities[i]);
    }
    for (let i = 0; i < alarmNames.length; i++) {
      if (i > 0 || quantities.length > 0) end = writeUtf8(into, end, ',');
      end = this.alarm(into, end, alarmNames[i]);
    }
    if (alarmNames.length > 0) end = this.button(into, writeUtf8(into, end, ','));
    for (let i = 0; i < this.gone.length; i++) {
      if (i > 0 || this.components !== '') end = writeUtf8(into, end, ',');
      end = stub(into, end, this.gone[i]);
    }
    return writeUtf8(into, end, '}}');
  }

  private device(into: Uint8Array, at: number): number {
    const { id, label, hardwareId, model, firmwareVersion } = this.facts;
    let end = pair(into, writeUtf8(into, at, '{"dev":{'), 'ids', this.key);
    end = next(into, end, 'name', label === '' ? id : label);
    end = next(into, end, 'mf', 'Mote');
    end = next(into, end, 'mdl', 'Mote sensor board');
    if (model !== '') end = next(into, end, 'hw', model);
    end = next(into, end, 'sw', firmwareVersion);
    if (hardwareId === '') return end;
    return writeUtf8(into, end, `,"cns":[["mac","${withColons(hardwareId)}"]]`);
  }

  private component(into: Uint8Array, at: number, quantity: Quantity): number {
    const { name, kind, unit, decimals } = quantity;
    const deviceClass = kind === undefined ? '' : CLASSES[kind];
    let end = writeUtf8(into, writeJsonString(into, at, name), ':{');
    end = pair(into, end, 'p', platformOf(quantity));
    end = next(into, end, 'uniq_id', `${this.key}_${name}`);
    // The class alone names it well, in everybody's language, where there is only one of it.
    const title = titleOf(name, kind);
    if (deviceClass === '' || title !== TITLES[kind!]) end = next(into, end, 'name', title);
    if (deviceClass !== '') end = next(into, end, 'dev_cla', deviceClass);
    if (unit !== '') end = next(into, end, 'unit_of_meas', unit);
    end = next(into, end, 'val_tpl', `{{value_json.${name}|default('None')}}`);
    if (kind === 'contact') end = writeUtf8(into, end, ',"pl_on":"1","pl_off":"0"');
    else {
      end = next(into, end, 'stat_cla', kind === 'total' ? 'total_increasing' : 'measurement');
      end = writeInteger(into, writeUtf8(into, end, ',"sug_dsp_prc":'), decimals);
    }
    const quietMs = Math.max(this.intervalMs, this.facts.quietMs);
    const lateS = Math.ceil((LATE_INTERVALS * this.intervalMs + quietMs) / 1000);
    end = writeInteger(into, writeUtf8(into, end, ',"exp_aft":'), lateS);
    return writeUtf8(into, end, '}');
  }

  /** Its message is its state and, as a whole, its attributes. */
  private alarm(into: Uint8Array, at: number, name: string): number {
    const topic = `${this.facts.baseTopic}/alarm/${name}`;
    const words = name.replaceAll('_', ' ');
    let end = writeUtf8(into, writeJsonString(into, at, name), ':{');
    end = pair(into, end, 'p', 'binary_sensor');
    end = next(into, end, 'uniq_id', `${this.key}_${name}`);
    end = next(into, end, 'name', `${words.charAt(0).toUpperCase()}${words.slice(1)}`);
    end = next(into, end, 'dev_cla', 'problem');
    end = next(into, end, 'stat_t', topic);
    end = next(into, end, 'val_tpl', PROBLEM);
    end = next(into, end, 'json_attr_t', topic);
    return writeUtf8(into, end, '}');
  }

  private button(into: Uint8Array, at: number): number {
    let end = writeUtf8(into, writeJsonString(into, at, ACKNOWLEDGE), ':{');
    end = pair(into, end, 'p', 'button');
    end = next(into, end, 'uniq_id', `${this.key}_${ACKNOWLEDGE}`);
    end = next(into, end, 'name', 'Acknowledge alarms');
    end = next(into, end, 'cmd_t', `${this.facts.baseTopic}/command/${ACKNOWLEDGE}`);
    // As it is by default, what is sent would be no JSON.
    end = next(into, end, 'pl_prs', '{}');
    return writeUtf8(into, end, '}');
  }
}

/** By which Home Assistant knows the device. */
export function deviceKey({ hardwareId, id }: Pick<DiscoveryFacts, 'hardwareId' | 'id'>): string {
  return hardwareId === '' ? id : `mote_${hardwareId}`;
}

/** Where a message of discovery goes. @param key the device's, with the message's part behind it */
export function discoveryTopic(key: string): Uint8Array {
  return asciiBytes(`homeassistant/device/${key}/config`);
}

const NONE: readonly string[] = Object.freeze([]);

function platformOf({ kind }: Quantity): string {
  return kind === 'contact' ? 'binary_sensor' : 'sensor';
}

function componentOf(quantity: Quantity): string {
  return `${platformOf(quantity)}:${quantity.name}`;
}

/** `Temperature 2` of `temperature_2`, `Contact on GPIO 4` of `contact_4`; else the name itself. */
function titleOf(name: string, kind: QuantityKind | undefined): string {
  if (kind === undefined) return name;
  const title = TITLES[kind];
  const digits = /_(\d+)/.exec(name)?.[1];
  return digits === undefined ? title : `${title} ${digits}`;
}

function withColons(digits: string): string {
  let text = digits.slice(0, 2);
  for (let i = 2; i < digits.length; i += 2) text += `:${digits.slice(i, i + 2)}`;
  return text;
}

/** A component that is only a platform is removed. @param component as `components` has it */
function stub(into: Uint8Array, at: number, component: string): number {
  const colon = component.indexOf(':');
  const end = writeJsonString(into, at, component.slice(colon + 1));
  return writeUtf8(
    into,
    pair(into, writeUtf8(into, end, ':{'), 'p', component.slice(0, colon)),
    '}',
  );
}
