/**
 * Hostile forms before a whole board in set-up: they are posted, and the page shows what was typed.
 * Each has a field that cannot be right, so that none is tried and saved.
 */

import { asciiBytes } from '../../firmware/base/ascii.ts';
import type { PageResources } from '../../firmware/provisioning/portal/routes.ts';
import { SetUpWorld } from '../xs/set-up-world.ts';
import { writeForm } from './sizes-inputs.ts';
import { SizesWriter } from './sizes-writer.ts';

/** So much is different in a form; the rest repeats it. */
const DRAWN_BYTES_MAX = 3072;
const BODY_BYTES_MAX = 12_288;
const HOST = 'Host: 192.168.4.1\r\n';
const TYPE = 'Content-Type: application/x-www-form-urlencoded\r\n';
/** Between two forms: more are slowed. */
const PAUSE_MS = 6000;

/** Posts forms of these seeds. @returns lines: answers with how often, and what one took at most */
export function postHostile(resources: PageResources, from: number, count: number): string[] {
  const w = new SizesWriter(DRAWN_BYTES_MAX);
  const world = new SetUpWorld(resources);
  world.run(10_000);
  const token = asciiBytes(`token=${world.mote.portal?.token}&port=x&`);
  const end = asciiBytes('&port=x&unit=Z');
  const answers = new Map<string, number>();
  let most = 0;
  let mostAt = 0;
  for (let seed = from; seed < from + count; seed++) {
    w.begin(seed);
    writeForm(w);
    const drawn = w.bytes.subarray(0, w.length);
    const parts = [token, drawn];
    let length = token.length + drawn.length + end.length;
    const until = w.size(BODY_BYTES_MAX);
    // They are spread into arguments: few.
    while (length + drawn.length <= until && parts.length < 8) {
      parts.push(drawn);
      length += drawn.length;
    }
    parts.push(end);
    const head = `POST /save HTTP/1.1\r\n${HOST}${TYPE}Content-Length: ${length}\r\n\r\n`;
    const before = engine.meter();
    const form = world.ask(asciiBytes(head), ...parts);
    const page = world.ask(asciiBytes(`GET / HTTP/1.1\r\n${HOST}\r\n`));
    const took = (engine.meter() - before) & 0x7fff_ffff;
    if (took > most) {
      most = took;
      mostAt = seed;
    }
    if (page.code !== 200 || page.answered < 10_000) throw new Error(`page: ${page.code}`);
    if (world.mote.portal?.check.state !== 'idle') throw new Error(`tried: ${seed}`);
    answers.set(`${form.code}`, (answers.get(`${form.code}`) ?? 0) + 1);
    world.run(PAUSE_MS);
  }
  const lines: string[] = [];
  answers.forEach((times, answer) => {
    lines.push(`${times} ${answer}`);
  });
  lines.push(`most ${most} at ${mostAt}, stack ${engine.stackPeak() - world.stackBase}`);
  return lines;
}
