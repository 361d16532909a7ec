/** The tables of states as diagrams for people, in a document between two comments. */

import type { Moves } from '../../firmware/base/moves.ts';
import { MACHINES } from '../../host-sim/virtual/machines.ts';

const BEGIN = '<!-- states: printed by tests/states/print.ts -->';
const END = '<!-- states end -->';

/** A state's name as Mermaid takes it. */
function nameOf(state: string): string {
  return state.replaceAll(' ', '_');
}

/** From each state to each that may follow, with the inputs that lead there. */
export function diagramOf(moves: Moves): string {
  const states = Object.keys(moves);
  const titles = states.filter((state) => state !== nameOf(state));
  const lines = titles.map((state) => `state "${state}" as ${nameOf(state)}`);
  lines.push(`[*] --> ${nameOf(states[0])}`);
  for (const from of states) {
    for (const to of states) {
      const inputs = Object.entries(moves[from]).filter(([, next]) => next.includes(to));
      if (inputs.length === 0) continue;
      const names = inputs.map(([input]) => input).join(', ');
      lines.push(`${nameOf(from)} --> ${nameOf(to)} : ${names}`);
    }
  }
  return ['```mermaid', 'stateDiagram-v2', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

/**
 * The document with the diagrams of now.
 * @throws Error where it has no place for them
 */
export function withDiagrams(document: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`no place between ${BEGIN} and ${END}`);
  const parts = MACHINES.map(({ title, moves }) => `**${title}**\n\n${diagramOf(moves)}\n\n`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${parts.join('')}${document.slice(end)}`;
}
