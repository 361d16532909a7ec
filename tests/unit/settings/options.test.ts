/** The command line of `npm run settings`: what is accepted, and the one line for what is not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SETTINGS_HELP } from '../../../host-sim/settings/help.ts';
import { parseSettingsOptions, type SettingsOptions } from '../../../host-sim/settings/options.ts';

const BROKER = ['--broker', 'mqtt://h'];
const SET = ['--set', 'unit=F'];

function options(...argv: string[]): SettingsOptions {
  const parsed = parseSettingsOptions(argv);
  assert.equal(parsed.kind, 'run', JSON.stringify(parsed));
  return (parsed as { options: SettingsOptions }).options;
}

test('several settings are set at once, for all boards below mote', () => {
  const { to, wish, waitMs, waitsForAll } = options(...BROKER, ...SET, '--set', 'label=A');
  assert.deepEqual([to, waitMs, waitsForAll], ['mote/+', 240_000, false]);
  assert.deepEqual([...wish!.values.keys()], ['unit', 'label']);
});

test('boards that are away are waited for with --wait, with a time or without', () => {
  for (const [argv, ms] of [
    [['--wait'], 240_000],
    [['--wait', ...SET], 240_000],
    [['--wait', '10m'], 600_000],
    [['--wait=30s'], 30_000],
  ] as const) {
    const { waitMs, waitsForAll } = options(...BROKER, ...SET, ...argv);
    assert.deepEqual([waitMs, waitsForAll], [ms, true], argv.join(' '));
  }
});

test('secrets go over TLS, or where it is said that they may be read', () => {
  const secret = ['--set', 'password=x'];
  assert.deepEqual(options('--broker', 'wss://h', ...secret).wish?.secrets, ['password']);
  assert.deepEqual(options(...BROKER, ...secret, '--insecure').wish?.secrets, ['password']);
});

for (const [argv, expected] of [
  [[...SET], /^--broker is needed/],
  [['--broker', 'h', ...SET], /^--broker 'h' is not a broker/],
  [[...BROKER], /^nothing to do: --set NAME=VALUE or --file FILE changes, --get prints$/],
  [[...BROKER, ...SET, '--get'], /^--get only prints/],
  [[...BROKER, '--get', '--to', 'mote/#'], /^--to 'mote\/#' is no base topic/],
  [[...BROKER, '--get', '--to', 'mote/a+'], /^--to 'mote\/a\+' is no base topic/],
  [[...BROKER, '--get', '--to', ''], /^--to '' is no base topic/],
  [[...BROKER, ...SET, '--wait', 'long'], /^--wait 'long' is no such time/],
  [[...BROKER, '--set', 'key=x'], /^key would be readable on the way/],
  [[...BROKER, '--get', '--ca', 'f'], /^--ca needs --broker mqtts:\/\//],
  [['--broker', 'mqtts://h', '--get', '--cert', 'f'], /^--cert and --key need each other/],
  [[...BROKER, '--got'], /^--got is not an option; did you mean --get\?$/],
] as const) {
  test(`${JSON.stringify(argv.join(' '))} is refused in one line that names the option`, () => {
    const parsed = parseSettingsOptions(argv);
    assert.equal(parsed.kind, 'problem', JSON.stringify(parsed));
    assert.match((parsed as { line: string }).line, expected);
  });
}

test('help names every option', () => {
  assert.equal(parseSettingsOptions(['-h']).kind, 'help');
  const names = 'broker user password ca cert key to get set file insecure wait help';
  for (const name of names.split(' ')) assert.ok(SETTINGS_HELP.includes(`--${name}`), name);
});
