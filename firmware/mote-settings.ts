/**
 * The board's settings, for commands and as the portal sees them: `config/` behind the portal's
 * door. What was found under other settings is forgotten before they change, so that a power cut
 * between leaves nothing that is not found anew.
 */

import { DEFAULTS, FIELDS, type FieldName, type Settings } from './config/fields.ts';
import { isProvisioned, type ParsedSettings, parseSettings } from './config/settings.ts';
import type { ConfigStore } from './config/store.ts';
import { formatValue } from './config/values.ts';
import type { MoteMemory } from './mote-memory.ts';
import { boardProblems } from './mote-pins.ts';
import type { BoardPins } from './mote-ports.ts';
import type { FormFields } from './provisioning/model.ts';
import type { SettingsDoor } from './provisioning/portal-doors.ts';

const NOTHING: Uint8Array = new Uint8Array(0);
const NOT_STORED = 'the settings could not be stored';

export class MoteSettings implements SettingsDoor<Settings> {
  current: Settings;
  private readonly store: ConfigStore;
  private readonly memory: MoteMemory;
  private readonly pins: BoardPins;

  constructor(store: ConfigStore, memory: MoteMemory, pins: BoardPins) {
    this.store = store;
    this.memory = memory;
    this.pins = pins;
    this.current = store.load() ?? DEFAULTS;
  }

  get exists(): boolean {
    return isProvisioned(this.current);
  }

  /** As `config/` reads it, and only what this board can do; sensors and pins go together. */
  parse(form: FormFields, base: Settings): ParsedSettings {
    const parsed = parseSettings(form, base);
    const problems = boardProblems(parsed.settings, this.pins);
    if (problems.length === 0) return parsed;
    const { sensors, sda, scl, ledPin, buttonPin } = base;
    const settings = { ...parsed.settings, sensors, sda, scl, ledPin, buttonPin };
    return { settings, problems: [...parsed.problems, ...problems] };
  }

  value(settings: Settings, name: string): Uint8Array {
    const field = fieldOf(name);
    return field === undefined ? NOTHING : formatValue(settings, field.name);
  }

  isSecret(name: string): boolean {
    return fieldOf(name)?.isSecret === true;
  }

  hasSecret(settings: Settings, name: string): boolean {
    return this.isSecret(name) && (settings[name as FieldName] as string | Uint8Array).length > 0;
  }

  ssid(settings: Settings): Uint8Array {
    return settings.ssid;
  }

  save(settings: Settings): void {
    this.memory.forgetFindings();
    this.keep(settings);
  }

  erase(): void {
    this.memory.forgetFindings();
    this.store.erase();
    this.current = DEFAULTS;
  }

  /** For a command. @returns what prevented it, in words; empty when it is done */
  keepInterval(intervalS: number): string {
    return wordsOf(() => this.keep({ ...this.current, intervalS }));
  }

  /** For a command. @returns as above */
  forget(): string {
    return wordsOf(() => this.erase());
  }

  private keep(settings: Settings): void {
    this.store.save(settings);
    this.current = settings;
  }
}

function wordsOf(change: () => void): string {
  try {
    change();
    return '';
  } catch {
    return NOT_STORED;
  }
}

function fieldOf(name: string): (typeof FIELDS)[number] | undefined {
  return FIELDS.find((field) => field.name === name);
}
