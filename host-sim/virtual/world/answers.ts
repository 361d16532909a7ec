/** Reads answers to commands, by the host's own JSON and not by the firmware's. */

/** An answer that is as the product says. */
export interface Answer {
  readonly name: string;
  readonly id: string | number | undefined;
  readonly ok: boolean;
  /** Empty where `ok`. */
  readonly error: string;
}

const MEMBERS = Object.freeze(['command', 'id', 'ok', 'error']);

/** @returns the answer, or what is wrong with it in words */
export function readAnswer(payload: Uint8Array): Answer | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return 'no JSON in UTF-8';
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'no object';
  const { command, id, ok, error } = json as Record<string, unknown>;
  const stranger = Object.keys(json).find((member) => !MEMBERS.includes(member));
  if (stranger !== undefined) return `a member ${stranger}`;
  if (typeof command !== 'string') return 'no command';
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number')
    return 'an id of no kind';
  if (typeof ok !== 'boolean') return 'neither ok nor not';
  if (ok !== (error === undefined)) return ok ? 'ok with an error' : 'not ok without an error';
  if (!ok && (typeof error !== 'string' || error === '')) return 'an error without words';
  return { name: command, id, ok, error: ok ? '' : String(error) };
}
