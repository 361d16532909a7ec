/** Reads the setting `onChange`: `temperature 0.2, humidity 1`, how far quantities have to move. */

/** A quantity, and how far it moves before a reading of it is stored. */
export interface Change {
  readonly quantity: string;
  readonly by: number;
}

export interface ReadChanges {
  readonly changes: readonly Change[];
  /** The part that cannot be read, as `number: word`, and what could stand there; empty for none. */
  readonly what: string;
  readonly known: string;
}

/** Quantities at most, and characters of a word that is given back. */
const CHANGES_MAX = 16;
const WORD_CHARACTERS_MAX = 24;
const EXAMPLE = 'temperature 0.2, humidity 1, …';

/** @returns the changes, or what is wrong with the first that cannot be read */
export function readChanges(text: string): ReadChanges {
  const changes: Change[] = [];
  const parts = text.trim() === '' ? [] : text.toLowerCase().split(',');
  for (let i = 0; i < parts.length; i += 1) {
    const [, quantity, digits] = /^\s*([a-z][a-z0-9_]*)\s+(\d+(?:\.\d+)?)\s*$/.exec(parts[i]) ?? [];
    const by = Number(digits);
    if (!(by > 0 && digits.length <= 12) || i >= CHANGES_MAX) {
      const word = parts[i].trim().slice(0, WORD_CHARACTERS_MAX);
      const known = i >= CHANGES_MAX ? `1-${CHANGES_MAX}` : EXAMPLE;
      return { changes: [], what: `${i + 1}: ${word === '' ? '…' : word}`, known };
    }
    changes.push({ quantity, by });
  }
  return { changes, what: '', known: '' };
}
