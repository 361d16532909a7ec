/** A portal that checks nothing: the page's tests set what it shows, and see what it was asked. */

import { decodeUtf8 } from '../../firmware/base/utf8.ts';
import type { FieldProblem } from '../../firmware/config/fields.ts';
import type { FoundNetwork } from '../../firmware/ports.ts';
import type {
  CheckProgress,
  Finding,
  FormFields,
  PortalModel,
} from '../../firmware/provisioning/model.ts';
import { utf8Bytes } from '../../firmware/provisioning/page/template.ts';

const SECRETS = ['wifiPassword', 'password', 'key'];
const IDLE: CheckProgress = { state: 'idle', stage: 'join', failure: 'timed out' };
const DEFAULTS = {
  encryption: 'none',
  path: '/mqtt',
  intervalS: '60',
  unit: 'C',
  keepAliveS: '60',
  version: 'auto',
  homeAssistant: 'on',
  followRedirects: 'off',
  timeServer: 'pool.ntp.org',
  label: '',
  offsetTemperature: '0',
  offsetHumidity: '0',
  offsetPressure: '0',
};

export function network(ssid: string | Uint8Array, rssi = -60, secure = true): FoundNetwork {
  return { ssid: typeof ssid === 'string' ? utf8Bytes(ssid) : ssid, rssi, channel: 1, secure };
}

export class FakePortal implements PortalModel {
  readonly title = 'Mote-3F2A';
  readonly token = '0123456789abcdef0123456789abcdef';
  networks: FoundNetwork[] = [];
  check: CheckProgress = IDLE;
  problems: FieldProblem[] = [];
  readonly information: [name: string, value: string][] = [
    ['firmware', '0.1.0'],
    ['id', 'mote-3f2a'],
    ['mac', '24:6f:28:aa:3f:2a'],
    ['uptime', '12 min'],
    ['reset', 'power on'],
    ['boots', '17'],
    ['outbox', '0'],
    ['memory', '41 KB'],
  ];
  findings: Finding[] | undefined;
  readonly values = new Map<string, Uint8Array>();
  readonly secrets = new Set<string>();
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  /** The last form, as it came. */
  form: FormFields = new Map();
  answer: 'started' | 'invalid' | 'busy' = 'started';

  constructor() {
    this.forget();
  }

  /** As it was to begin with. */
  forget(): void {
    this.networks = [
      network('Kitchen', -48),
      network('Kitchen Guest', -61, false),
      network('FRITZ!Box 7590', -70),
      network('Ümläut & Söhne', -84),
    ];
    this.check = IDLE;
    this.problems = [];
    this.values.clear();
    this.secrets.clear();
    this.calls.length = 0;
    for (const [field, value] of Object.entries(DEFAULTS)) this.set(field, value);
  }

  set(field: string, value: string | Uint8Array): void {
    this.values.set(field, typeof value === 'string' ? utf8Bytes(value) : value);
  }

  value(field: string): Uint8Array {
    return (SECRETS.includes(field) ? undefined : this.values.get(field)) ?? new Uint8Array(0);
  }

  hasSecret(field: string): boolean {
    return this.secrets.has(field);
  }

  submit(form: FormFields, unchecked: boolean): 'started' | 'invalid' | 'busy' {
    this.form = form;
    this.calls.push(unchecked ? 'save anyway' : 'save');
    for (const [field, value] of form) this.values.set(field, value);
    if (this.answer === 'started') {
      this.check = { state: 'running', stage: 'join', failure: 'timed out' };
    }
    return this.answer;
  }

  /** A field of the last form, as text. */
  sent(field: string): string | undefined {
    const value = this.form.get(field);
    return value && decodeUtf8(value, 0, value.length);
  }

  reset(): void {
    this.calls.push('reset');
  }

  done(): void {
    this.calls.push('done');
  }
}
