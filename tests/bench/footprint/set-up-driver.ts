/**
 * A board without settings is set up in whatever heap the machine has: its page is read thirty times
 * in each language, a form with the longest text is refused, one is refused by the Wi-Fi, a right one
 * is tried and saved, and the board restarts. Ends by itself when an allocation fails.
 *
 * The module `page resources` of the pack holds the page and its words, as the board's flash does.
 */

// @ts-expect-error: made by whoever packs this driver
import { resources } from 'page resources';
import { asciiBytes } from '../../../firmware/base/ascii.ts';
import { SetUpWorld } from '../../xs/set-up-world.ts';

const HOST = 'Host: 192.168.4.1\r\n';
const LANGUAGES = Object.freeze(['en', 'de', 'zh'] as const);
/** With it a certificate's text is as long as the settings take at most. */
const PEM_LINE = asciiBytes(`${'MIIB'.repeat(16)}%0A`);
const PEM_LINES = 60;

/** Slots of the stack for the firmware: the smallest board has 640, some for its callbacks. */
const STACK_MAX = 540;

function get(path: string, language: string): Uint8Array {
  return asciiBytes(`GET ${path} HTTP/1.1\r\n${HOST}Accept-Language: ${language}\r\n\r\n`);
}

function post(form: readonly Uint8Array[]): Uint8Array {
  const length = form.reduce((sum, part) => sum + part.length, 0);
  const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
  return asciiBytes(`POST /save HTTP/1.1\r\n${HOST}${type}Content-Length: ${length}\r\n\r\n`);
}

function pem(): Uint8Array[] {
  const lines = Array<Uint8Array>(PEM_LINES).fill(PEM_LINE);
  const begin = asciiBytes('-----BEGIN+CERTIFICATE-----%0A');
  return [begin, ...lines, asciiBytes('-----END+CERTIFICATE-----%0A')];
}

function fail(words: string): void {
  print(words);
  exit(1);
}

const world = new SetUpWorld(resources);
world.run(10_000);

function read(times: number): void {
  for (let i = 0; i < times; i++) {
    const page = world.ask(get('/', LANGUAGES[i % LANGUAGES.length]));
    if (page.code !== 200 || page.answered < 10_000) fail(`page ${page.code} ${page.answered}`);
  }
}

/** Sends a form, and waits for the end of its check. */
function submit(form: string, more: readonly Uint8Array[] = []): string {
  const whole = [asciiBytes(`token=${world.mote.portal?.token}&${form}`), ...more];
  const answer = world.ask(post(whole), ...whole);
  if (answer.code !== 303) fail(`the form is answered with ${answer.code}`);
  for (let i = 0; i < 60 && world.mote.portal?.check.state === 'running'; i++) world.run(1000);
  return world.mote.portal?.check.state ?? 'closed';
}

const SETTINGS =
  'ssidHex=686f6d65&wifiPassword=password&host=broker.home&user=mote&password=secret';

read(45);
// It is read to its end, and named: no certificate is in it.
const large = submit(`${SETTINGS}&encryption=tls&ca=`, pem());
if (large !== 'idle' || problems() !== 'ca not a certificate')
  fail(`large: ${large}, ${problems()}`);
world.isRefused = true;
const refused = submit(`${SETTINGS}&encryption=none&ca=`);
if (refused !== 'failed') fail(`the refused form: ${refused}, ${problems()}`);
read(45);
world.isRefused = false;
const right = submit(`${SETTINGS}&encryption=none&ca=&certificate=`);
if (right !== 'saved') fail(`the right form: ${right}, ${problems()}`);
if (world.ask(get('/done', 'en')).code !== 200) fail('no last page');
world.run(40_000);
if (world.restarts !== 1) fail(`${world.restarts} restarts`);
print('the board is set up');
const stack = engine.stackPeak();
if (stack - world.stackBase > STACK_MAX) fail(`the firmware takes ${stack - world.stackBase}`);
print(`collections ${engine.collections()}, stack ${stack}, of it ${world.stackBase} the world's`);

function problems(): string {
  const { portal } = world.mote;
  return portal?.problems.map(({ field, code }) => `${field} ${code}`).join() ?? '';
}
