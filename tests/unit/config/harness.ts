/** Forms, PEM and settings for the tests of config. */

import assert from 'node:assert/strict';
import type { FieldName, FieldProblem, Settings } from '../../../firmware/config/fields.ts';
import { DEFAULTS } from '../../../firmware/config/fields.ts';
import { parseSettings } from '../../../firmware/config/settings.ts';
import { utf8 } from '../../../firmware/config/values.ts';

/** What a form gives; texts become UTF-8. */
export type Form = Readonly<Record<string, string | Uint8Array>>;

export function form(fields: Form): Map<string, Uint8Array> {
  return new Map(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? utf8(value) : value,
    ]),
  );
}

/** A board that is set up with a plain broker. */
export const READY: Settings = Object.freeze({
  ...DEFAULTS,
  ssid: utf8('home'),
  wifiPassword: 'correct horse',
  host: 'broker.local',
});

/** Settings from a form that must be right. */
export function accept(fields: Form, current: Settings = READY): Settings {
  const { settings, problems } = parseSettings(form(fields), current);
  assert.deepEqual(problems, []);
  return settings;
}

/** The problems of a form, as `field: code`. */
export function refuse(fields: Form, current: Settings = READY): string[] {
  return problemsOf(fields, current).map(({ field, code }) => `${field}: ${code}`);
}

export function problemsOf(fields: Form, current: Settings = READY): readonly FieldProblem[] {
  return parseSettings(form(fields), current).problems;
}

/** What a field becomes. */
export function read(name: FieldName, value: string | Uint8Array, current = READY): unknown {
  return accept({ [name]: value }, current)[name];
}

/** One block of PEM of this label whose body has `characters` in base64. */
export function pem(label: string, characters = 400): string {
  const body = `M${(label.endsWith('KEY') ? 'Key' : 'IIB').repeat(characters)}`.slice(
    0,
    characters,
  );
  const lines: string[] = [];
  for (let at = 0; at < body.length; at += 64) lines.push(body.slice(at, at + 64));
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

export const CERTIFICATE = pem('CERTIFICATE');
export const KEY = pem('PRIVATE KEY', 200);
