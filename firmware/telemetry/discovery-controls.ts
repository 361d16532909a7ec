/**
 * What Home Assistant can do with a device beside reading its quantities: two more messages of
 * discovery for the same device, one of controls and one of diagnostics, each small enough for the
 * transmit buffer of a board.
 *
 * Settings are wanted on `desired/<setting>`, retained, so that a device that is away takes them when
 * it comes; what they are comes from `reported`.
 */

import { writeJsonString } from '../base/json-string.ts';
import { utf8Length, writeUtf8 } from '../base/utf8.ts';
import { type DiscoveryFacts, deviceKey, discoveryTopic, PRESENT } from './discovery.ts';
import { next, pair } from './discovery-json.ts';

/** One entity: its name in topics and identifiers, its platform, and its members as JSON. */
interface Entity {
  readonly name: string;
  readonly platform: 'button' | 'number' | 'sensor' | 'switch';
  readonly title: string;
  /** Below the base topic, where it is told something; empty for nowhere. */
  readonly command: string;
  /** Members behind those, without the first comma. */
  readonly members: string;
}

function entity(
  name: string,
  platform: Entity['platform'],
  title: string,
  command: string,
  members: string,
): Entity {
  return Object.freeze({ name, platform, title, command, members });
}

const PRESS = '"pl_prs":"{}"';

const SAMPLE = entity('sample', 'button', 'Take a reading', 'command/sample', PRESS);

/** What the board around a device does. */
const BUTTONS: readonly Entity[] = Object.freeze([
  entity(
    'identify',
    'button',
    '',
    'command/identify',
    `${PRESS},"dev_cla":"identify","ent_cat":"diagnostic"`,
  ),
  entity(
    'reboot',
    'button',
    '',
    'command/reboot',
    `${PRESS},"dev_cla":"restart","ent_cat":"config"`,
  ),
]);

/** Where the settings can be changed from afar. */
const SETTINGS: readonly Entity[] = Object.freeze([
  entity(
    'setup',
    'button',
    'Open the set-up network',
    'command/setup',
    `${PRESS},"ent_cat":"config"`,
  ),
  entity(
    'interval',
    'number',
    'Interval',
    'desired/intervalS',
    '"val_tpl":"{{value_json.settings.intervalS}}","min":1,"max":86400,"mode":"box","dev_cla":"duration","unit_of_meas":"s","ret":true,"ent_cat":"config"',
  ),
  entity(
    'home_assistant',
    'switch',
    'Home Assistant discovery',
    'desired/homeAssistant',
    '"val_tpl":"{{\'on\' if value_json.settings.homeAssistant else \'off\'}}","pl_on":"on","pl_off":"off","ret":true,"ent_cat":"config"',
  ),
]);

const MEASURED = '"stat_cla":"measurement"';
const COUNTED = '"stat_cla":"total_increasing"';

/** By their names in the diagnostics: title, and members beside the value's template. */
const DIAGNOSTICS: readonly Entity[] = Object.freeze([
  figure('rssi', '', `"dev_cla":"signal_strength","unit_of_meas":"dBm",${MEASURED}`),
  figure('uptime', 'Uptime', '"dev_cla":"duration","unit_of_meas":"s"'),
  figure('reconnects', 'Reconnects', COUNTED),
  figure('outbox', 'Readings waiting', MEASURED),
  figure('dropped', 'Readings dropped', COUNTED),
  figure('reset', 'Last reset', ''),
  figure('tq', 'Time', ''),
  figure('heap_free', 'Free memory', `"dev_cla":"data_size","unit_of_meas":"B",${MEASURED}`),
  figure('last_error', 'Last problem', ''),
]);

const CERTIFICATE = figure('certificate', 'Client certificate', '');

function figure(name: string, title: string, members: string): Entity {
  const value = `"val_tpl":"{{value_json.${name}|default('None')}}","ent_cat":"diagnostic"`;
  return entity(name, 'sensor', title, '', members === '' ? value : `${value},${members}`);
}

/** A document without its components, beside its key and its topics. */
const FRAME_BYTES_MAX = 320;
/** An entity, beside its texts, its key and its topic. */
const ENTITY_BYTES_MAX = 64;

export type ControlsPart = 'controls' | 'diagnostics';

export class DiscoveryControls {
  readonly topic: Uint8Array;
  /** The message is empty: Home Assistant forgets these entities. */
  isRemoved = false;
  private readonly facts: DiscoveryFacts;
  private readonly key: string;
  private readonly part: ControlsPart;
  private readonly entities: readonly Entity[];

  /**
   * @param hasBoard there is a board around the device, which obeys commands
   * @param hasSettings the settings can be changed from afar
   */
  constructor(facts: DiscoveryFacts, part: ControlsPart, hasBoard: boolean, hasSettings: boolean) {
    this.facts = facts;
    this.part = part;
    this.key = deviceKey(facts);
    this.topic = discoveryTopic(`${this.key}_${part}`);
    const hasCertificate = facts.certificateEndsAt < Number.POSITIVE_INFINITY;
    this.entities =
      part === 'diagnostics'
        ? [...DIAGNOSTICS, ...(hasCertificate ? [CERTIFICATE] : [])]
        : [SAMPLE, ...(hasBoard ? BUTTONS : []), ...(hasSettings ? SETTINGS : [])];
  }

  /** The room that the message needs at most, its topic included. */
  get bytesMax(): number {
    const { key, entities } = this;
    const perEntity = ENTITY_BYTES_MAX + key.length + utf8Length(this.facts.baseTopic);
    const texts = entities.reduce((sum, { name, platform, title, command, members }) => {
      const names = 2 * name.length + platform.length + title.length;
      return sum + perEntity + names + command.length + members.length;
    }, 0);
    return FRAME_BYTES_MAX + 2 * key.length + 2 * utf8Length(this.facts.baseTopic) + texts;
  }

  /** Writes the message. @returns the position after it; beyond the end when there was no room */
  write(into: Uint8Array, at: number): number {
    if (this.isRemoved) return at;
    const { baseTopic, firmwareVersion } = this.facts;
    let end = pair(into, writeUtf8(into, at, '{"dev":{'), 'ids', this.key);
    end = pair(into, writeUtf8(into, end, '},"o":{'), 'name', 'Mote');
    end = next(into, end, 'sw', firmwareVersion);
    end = pair(into, writeUtf8(into, end, '},'), 'avty_t', `${baseTopic}/status`);
    end = next(into, end, 'avty_tpl', PRESENT);
    if (this.part === 'diagnostics') end = next(into, end, 'stat_t', `${baseTopic}/diagnostics`);
    end = writeUtf8(into, end, ',"cmps":{');
    this.entities.forEach((one, i) => {
      end = this.entity(into, i === 0 ? end : writeUtf8(into, end, ','), one);
    });
    return writeUtf8(into, end, '}}');
  }

  private entity(into: Uint8Array, at: number, one: Entity): number {
    const { name, platform, title, command, members } = one;
    const { baseTopic } = this.facts;
    let end = writeUtf8(into, writeJsonString(into, at, name), ':{');
    end = pair(into, end, 'p', platform);
    end = next(into, end, 'uniq_id', `${this.key}_${name}`);
    // The class alone names it well, in everybody's language.
    if (title !== '') end = next(into, end, 'name', title);
    if (command !== '') end = next(into, end, 'cmd_t', `${baseTopic}/${command}`);
    if (command.startsWith('desired')) end = next(into, end, 'stat_t', `${baseTopic}/reported`);
    return writeUtf8(into, end, `,${members}}`);
  }
}
