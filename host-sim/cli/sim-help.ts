/** What `npm run sim -- --help` prints. */

import { FAULT_KINDS } from '../virtual/world/fault-planner.ts';
import { readScenario, scenarioNames } from './sim-scenarios.ts';

const kinds = FAULT_KINDS.map(({ name, about }) => `  ${name.padEnd(16)} ${about}\n`).join('');

const WIDTH = 76;

/** A scenario's name, and what it is about in lines that fit a terminal. */
function scenario(name: string): string {
  const { about } = readScenario(name) as { about: string };
  let text = `  ${name}\n   `;
  let column = 3;
  for (const word of about.split(' ')) {
    if (column + word.length > WIDTH) {
      text += '\n   ';
      column = 3;
    }
    text += ` ${word}`;
    column += word.length + 1;
  }
  return `${text}\n`;
}

const scenarios = scenarioNames().map(scenario).join('');

export const SIM_HELP = `Mote: simulated boards in virtual time, with faults; one seed decides everything.

npm run sim -- [options]

  --seed N           the seed; 1 otherwise
  --seeds A..B       each of these seeds; what fails is told, and the sum of them all
  --jobs N           seeds side by side, 1 to 256; as many as there are cores otherwise;
                     one after the other with --trace or --until
  --days N, --hours N  virtual time until the faults stop; 1 day otherwise
  --devices N        boards, 1 to 1000; 1 otherwise
  --interval TIME    time between two readings: 500ms, 10s, 1m; 1m otherwise
  --faults LIST      none, default, or kinds from the list below, separated by commas;
                     with default each seed switches whole kinds on or off
  --alarms RULES     rules for the alarms of all boards, '' for none; a third of the boards
                     have some otherwise, with default faults
  --scenario NAME    a scenario by its name from the list below, or a JSON file
  --until EVENT      stop after this many events
  --trace[=LIST]     print what happens, one line each; behind = any of world (power, links,
                     faults, people, what is published; this alone otherwise), packets (MQTT
                     decoded, both ways), flash (writes and erases) and timers
  --json             print one JSON object at the end, and one for each line of the trace
  -h, --help         print this

Faults:
${kinds}
Scenarios:
${scenarios}
A scenario of your own is a JSON file:
  { "about": "...", "devices": 1, "duration": "4d", "interval": "1m",
    "flashBlocks": 64, "keepAliveS": 60, "windowMax": 8,
    "faults": [{ "at": "2h", "kind": "broker-kill", "for": "3d", "boards": [0] }],
    "expect": { "dropped": [0, 0], "reconnects": [1, 3] } }
about, duration, faults and expect are needed. Times end in ms, s, m, h or d. A kind is one of the
faults above; without boards it is for all. What is expected is a range of a figure of the report:
accepted, delivered, dropped, duplicates, reconnects, powerCuts.

Two runs of one seed and the same options print the same trace and the same hash. Ctrl-C ends
--seeds with the sum of what is done.
Exit code: 0 every rule held, 1 one was broken, 2 bad options, 130 interrupted.
`;
