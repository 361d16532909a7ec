/** The command line as a pure function: what is accepted, and the one line for what is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesInSettings } from '../../../host-sim/chips/one-wire-sensors.ts';
import { type Options, parseOptions } from '../../../host-sim/cli/options.ts';

function options(...argv: string[]): Options {
  const parsed = parseOptions(argv);
  assert.equal(parsed.kind, 'run', JSON.stringify(parsed));
  return (parsed as { options: Options }).options;
}

function problem(...argv: string[]): string {
  const parsed = parseOptions(argv);
  assert.equal(parsed.kind, 'problem', JSON.stringify(parsed));
  const { line } = parsed as { line: string };
  assert.ok(!line.includes('\n'), 'one line');
  return line;
}

test('without options one device sends each second to the embedded broker until stopped', () => {
  const { broker, devices, intervalMs, durationMs, json, quiet, mqtt, id } = options();
  assert.deepEqual(
    { broker, devices, intervalMs, durationMs, json, quiet, mqtt, id },
    {
      broker: undefined,
      devices: 1,
      intervalMs: 1000,
      durationMs: Number.POSITIVE_INFINITY,
      json: false,
      quiet: false,
      mqtt: undefined,
      id: undefined,
    },
  );
});

test('each scheme of a broker has its own default port, and WebSocket a default path', () => {
  const parts = (url: string) => {
    const { scheme, host, port, path } = options('--broker', url).broker!;
    return [scheme, host, port, path];
  };
  assert.deepEqual(parts('mqtt://h'), ['mqtt', 'h', 1883, '']);
  assert.deepEqual(parts('mqtts://h/'), ['mqtts', 'h', 8883, '']);
  assert.deepEqual(parts('ws://h'), ['ws', 'h', 80, '/mqtt']);
  assert.deepEqual(parts('wss://h/'), ['wss', 'h', 443, '/']);
  assert.deepEqual(parts('WSS://h:8084/a/b?c=d'), ['wss', 'h', 8084, '/a/b?c=d']);
});

test('port 80 is taken as it is written, although it is the default of HTTP', () => {
  assert.equal(options('--broker', 'mqtt://h:80').broker?.port, 80);
});

test('an IPv6 address is given in brackets and used without them', () => {
  const { broker } = options('--broker', 'mqtt://[::1]:1884');
  assert.equal(broker?.host, '::1');
  assert.equal(broker?.port, 1884);
});

test('user and password come from the address, decoded, unless options give others', () => {
  const url = 'mqtt://ann:p%40ss@h';
  assert.equal(options('--broker', url).user, 'ann');
  assert.equal(options('--broker', url).password, 'p@ss');
  assert.equal(options('--broker', url, '--user', 'bob').user, 'bob');
  assert.equal(options('--broker', url, '--password', 'x').password, 'x');
});

test('a password in a bad address is not repeated on the terminal', () => {
  for (const url of ['mqtt://ann:secret@h:bad', 'http://ann:secret@h', 'mqtt://ann:sec/ret@h']) {
    assert.doesNotMatch(problem('--broker', url), /sec/);
  }
});

test('no argument that may hold a password is repeated, wherever it stands', () => {
  const hidden: readonly (readonly string[])[] = [
    ['mqtt://ann:secret@h'],
    ['mqtt://secret'],
    ['ann:secret@h'],
    ['--user', 'ann', '--password', 'my', 'secret'],
    ['--broker', 'mqtt:ann:secret@h'],
    ['--broker', 'ann:secret@h'],
    ['--broker', 'mqtt://ann:secret'],
    ['--broker', 'mqtt://ann:secret@h/path'],
    ['--broker', 'mqtt://ann:secret@h:0'],
    ['--quiet=mqtt://ann:secret@h'],
    ['--json=ann:secret'],
    ['--packets=ann:secret@h'],
    ['--mqtt://ann:secret@h'],
    ['--id', 'mqtt://ann:secret@h'],
    ['--interval', 'mqtt://ann:secret@h'],
    ['--sensors', 'mqtt://ann:secret@h'],
    ['--alpn', 'ann:secret@h', '--broker', 'wss://h'],
  ];
  for (const argv of hidden) assert.doesNotMatch(problem(...argv), /secret/, argv.join(' '));
  assert.match(problem('mqtt://ann:secret@h'), /an address without --broker before it/);
});

test('sensors on pins are named as in the settings', () => {
  const names = ['bme280', 'contact-4', 'analog-34', 'ds18b20-17', 'ds18b20'];
  assert.deepEqual(options('--sensors', 'bme280,contact-5,analog-34,ds18b20-17').sensors, [
    ...['bme280', 'contact-5', 'analog-34', 'ds18b20-17'],
  ]);
  assert.equal(namesInSettings(['bme280', 'contact-5']), 'bme280,contact-5');
  assert.equal(namesInSettings(names.slice(3)), 'ds18b20-17,ds18b20-4');
  assert.equal(namesInSettings(['bme280']), undefined);
});

test('times are a number with a unit', () => {
  const interval = (text: string) => options('--interval', text).intervalMs;
  assert.deepEqual(
    ['500ms', '2s', '1m', '1.5s', '1h'].map(interval),
    [500, 2000, 60_000, 1500, 3_600_000],
  );
  assert.equal(options('--duration=10s').durationMs, 10_000);
});

const SCRAM = ['--sign-in', 'scram', '--broker', 'mqtt://h'];
const LOGIN = ['--user', 'u', '--password', 'p'];

const REFUSED: readonly [readonly string[], RegExp][] = [
  [['--interval', 'banana'], /^--interval 'banana' is not a time; expected 500ms, 2s/],
  [['--interval', '500'], /^--interval '500' is not a time/],
  [['--interval', '-5s'], /^--interval '-5s' is not a time/],
  [['--interval', '1ms'], /^--interval '1ms' is out of range; .* from 10ms to 24h/],
  [['--interval', '25h'], /out of range/],
  [['--duration', '0s'], /^--duration '0s' is out of range/],
  [['--broker', 'http://x'], /^--broker 'http:\/\/x' is not a broker; expected mqtt:\/\//],
  [['--broker', 'localhost'], /is not a broker/],
  [['--broker', 'mqtt://'], /is not a broker/],
  [['--broker', 'mqtt://h:99999'], /is not a broker/],
  [['--broker', 'mqtt://h:'], /is not a broker/],
  [['--broker', 'ws://h:/mqtt'], /is not a broker/],
  [['--broker', 'mqtt://h:0'], /port 0; expected 1 to 65535/],
  [['--broker', 'mqtt://a b'], /is not a broker/],
  [['--broker', 'mqtt://h/x'], /has a path; only ws:\/\/ and wss:\/\//],
  [['--broker', 'mqtt://%zz@h'], /bad % sequence/],
  [['--broker', ''], /is not a broker/],
  [['--devices', '0'], /^--devices '0' is not possible; expected 1 to 1000/],
  [['--devices', '1e3'], /expected 1 to 1000/],
  [['--mqtt', '4'], /^--mqtt '4' is not supported; expected 5 or 3\.1\.1/],
  [['--id', 'Böse'], /^--id 'Böse' is not an id/],
  [['--id', ''], /is not an id/],
  [['--user'], /^--user needs a value/],
  [['--user', '--json'], /^--user needs a value/],
  [['--json=1'], /^--json takes no value/],
  [['now'], /^'now' is not an option/],
  [['--brokr', 'x'], /^--brokr is not an option; did you mean --broker\?/],
  [['--jsn'], /did you mean --json\?/],
  [['--verbose'], /^--verbose is not an option; --help lists the options/],
  [['-x'], /^-x is not an option/],
  [['--__proto__'], /is not an option/],
  [['--ca', 'f'], /^--ca needs --broker mqtts:\/\//],
  [['--ca', ''], /^--ca '' is empty/],
  [['--ca', 'f', '--broker', 'mqtt://h'], /^--ca needs --broker mqtts:\/\//],
  [['--cert', 'f', '--broker', 'mqtts://h'], /^--cert needs --key too/],
  [['--key', 'f', '--broker', 'mqtts://h'], /^--key needs --cert too/],
  [['--alpn', 'mqtt', '--broker', 'wss://h'], /^--alpn 'mqtt' works with mqtts:\/\/ only/],
  [['--password', 'p'], /^--password needs --user too/],
  [
    ['--sensors', 'bme280,bme281'],
    /^--sensors 'bme280,bme281' names 'bme281'; expected some of bme2/,
  ],
  [['--sensors', ''], /^--sensors '' names ''/],
  [['--sensors', 'bme280,bme280,bme280'], /: there is no free address for another bme280$/],
  [['--sensors', 'contact-99'], /cannot be: sensors: pin unusable$|names 'contact-99'/],
  [['--sensors', 'contact-6'], /^--sensors 'contact-6' cannot be: sensors: pin unusable$/],
  [['--sensors', 'contact-4,ds18b20'], /cannot be: sensors: pin taken; ds18b20, .* are on GPIO 4$/],
  [['--sensors', 'pulse-34'], /cannot be: sensors: pin input only$/],
  [['--sign-in', 'plain'], /^--sign-in 'plain' is not known; expected password or scram$/],
  [['--sign-in', 'scram', ...LOGIN], /^--sign-in scram needs --broker: the embedded broker/],
  [[...SCRAM, '--user', 'u'], /^--sign-in scram needs --user and --password$/],
  [[...SCRAM, '--user', 'u', '--password', ''], /^--sign-in scram needs --user and --password$/],
  [[...SCRAM, '--password', 'p', '--mqtt', '5'], /^--sign-in scram needs --user and --password$/],
  [[...SCRAM, ...LOGIN, '--mqtt', '3.1.1'], /^--sign-in scram is for MQTT 5 only/],
  [[...SCRAM, ...LOGIN, '--unprovisioned'], /^--sign-in scram is not on the set-up page$/],
  [['--button', '1s'], /^--button needs --unprovisioned or --provisioned$/],
  [['--unprovisioned', '--devices', '2'], /^--unprovisioned works with one device/],
  [
    ['--unprovisioned', '--interval', '1s'],
    /^--interval is a setting of the board's own with --unprovisioned/,
  ],
  [['--open'], /^--open needs --unprovisioned/],
  [['--setup-port', '8080'], /^--setup-port needs --unprovisioned/],
  [['--provisioned', '--unprovisioned'], /^--provisioned sets the board up, and --unprovisioned/],
  [['--provisioned', '--interval', '500ms'], /^--interval takes whole seconds with --provisioned/],
  [['--provisioned', '--broker', 'mqtts://h'], /^--provisioned needs --ca with TLS/],
  [
    ['--provisioned', '--broker', 'mqtts://h', '--ca', 'f', '--alpn', 'mqtt'],
    /^--alpn is no setting of a board/,
  ],
  [['--desired', 'f'], /^--desired needs --provisioned/],
  [
    ['--desired', 'f', '--provisioned', '--broker', 'mqtt://h'],
    /^--desired is for the embedded broker; with --broker use npm run settings$/,
  ],
  [['--time-server', ''], /^--time-server '' is no server; expected HOST or HOST:PORT/],
  [['--time-server', 'h:0'], /^--time-server 'h:0' is no server/],
  [['--time-server', 'h:99999'], /^--time-server 'h:99999' is no server/],
  [['--time-server', '[::1]:123'], /^--time-server '\[::1\]:123' is no server/],
  [['--unprovisioned', '--setup-port', '70000'], /^--setup-port '70000' is no port; expected 0 to/],
];

for (const [argv, expected] of REFUSED) {
  test(`${JSON.stringify(argv.join(' '))} is refused in one line that names the option`, () => {
    assert.match(problem(...argv), expected);
  });
}

test('a board can be started without settings, with its page on a port, and chips on its bus', () => {
  const given = options('--unprovisioned', '--setup-port', '8080', '--sensors', 'sht4x,scd4x');
  assert.deepEqual(
    [given.unprovisioned, given.open, given.setupPort, given.sensors],
    [true, false, 8080, ['sht4x', 'scd4x']],
  );
});

test('boards can be set up with what is said, many at once, with a button and a page', () => {
  const given = options('--provisioned', '--devices', '3', '--button', '1s', '--desired', 'f');
  assert.deepEqual(
    [given.provisioned, given.devices, given.buttonMs, given.desired],
    [true, 3, 1000, 'f'],
  );
});

test('a time server has NTP’s port unless it names one', () => {
  assert.deepEqual(options('--time-server', 'ntp.home').timeServer, {
    host: 'ntp.home',
    port: 123,
  });
  const given = options('--time-server', '127.0.0.1:1123').timeServer;
  assert.deepEqual(given, { host: '127.0.0.1', port: 1123 });
  assert.equal(options().timeServer, undefined);
});

test('a password is sent unless it is to be proven', () => {
  assert.equal(options(...LOGIN).signIn, 'password');
  assert.equal(options(...SCRAM, ...LOGIN).signIn, 'scram');
  assert.equal(options('--sign-in', 'scram', '--broker', 'mqtt://u:p@h').signIn, 'scram');
});

test('MQTT 5 takes a password without a user', () => {
  assert.equal(options('--password', 'p', '--mqtt', '5').password, 'p');
});

test('of an option given twice the last one counts', () => {
  assert.equal(options('--devices', '2', '--devices', '3').devices, 3);
});

test('help wins over other options, and names every one of them', () => {
  const parsed = parseOptions(['--help', '--json']);
  assert.equal(parsed.kind, 'help');
  const { text } = parsed as { text: string };
  const names =
    'broker user password ca cert key alpn mqtt id interval devices duration json quiet version ' +
    'sensors packets unprovisioned provisioned desired setup-port open button state time-server home-assistant sign-in';
  for (const name of names.split(' ')) assert.ok(text.includes(`--${name}`), name);
});
