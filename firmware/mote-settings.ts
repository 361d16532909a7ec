/** The board's settings as the portal sees them: `config/` behind the portal's door. */

import { DEFAULTS, FIELDS, type FieldName, type Settings } from './config/fields.ts';
import { isProvisioned, type ParsedSettings, parseSettings } from './config/settings.ts';
import type { ConfigStore } from './config/store.ts';
import { formatValue } from './config/values.ts';
import type { FormFields } from './provisioning/model.ts';
import type { SettingsDoor } from './provisioning/portal-doors.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

export class MoteSettings implements SettingsDoor<Settings> {
  current: Settings;
  private readonly store: ConfigStore;

  constructor(store: ConfigStore) {
    this.store = store;
    this.current = store.load() ?? DEFAULTS;
  }

  get exists(): boolean {
    return isProvisioned(this.current);
  }

  parse(form: FormFields, base: Settings): ParsedSettings {
    return parseSettings(form, base);
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
    this.store.save(settings);
    this.current = settings;
  }

  erase(): void {
    this.store.erase();
    this.current = DEFAULTS;
  }
}

function fieldOf(name: string): (typeof FIELDS)[number] | undefined {
  return FIELDS.find((field) => field.name === name);
}
