/** Finds a scenario: by its name among those of the project, or as a JSON file. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ScenarioProblem } from '../virtual/world/scenario.ts';

const FOLDER = fileURLToPath(new URL('../virtual/scenarios/', import.meta.url));
const EXTENSION = '.json';

/** The names of the project's scenarios. */
export function scenarioNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(EXTENSION));
  return files.map((file) => file.slice(0, -EXTENSION.length)).sort();
}

/**
 * The contents of a scenario file.
 * @throws ScenarioProblem when there is none, or it is no JSON.
 */
export function readScenario(name: string): unknown {
  const isOurs = scenarioNames().includes(name);
  const path = isOurs ? `${FOLDER}${name}${EXTENSION}` : name;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    const names = scenarioNames().join(', ');
    throw new ScenarioProblem(
      `--scenario '${name}' is not there; expected a JSON file or ${names}`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ScenarioProblem(`--scenario '${name}' is not JSON`);
  }
}
