/** Why a connection ended, where the platform says only that it did. */

/** How far a connection had come. */
export type ConnectionStage = 'connecting' | 'securing' | 'open';

/**
 * A connection that was never made was refused: whoever does not answer at all never ends it, and
 * the supervisor's patience does.
 */
export function transportEnd(stage: ConnectionStage): 'refused' | 'tls failed' | 'closed by peer' {
  if (stage === 'connecting') return 'refused';
  return stage === 'securing' ? 'tls failed' : 'closed by peer';
}
