/**
 * Errors by who must act. The person who configures: ConfigError. The peer on the network:
 * PeerError. A failed transport is a reason and no exception; our own bugs are plain Errors.
 */

/** A setting that cannot work; thrown at set-up, before anything runs. */
export class ConfigError extends Error {
  /** The field at fault, as its owner knows it. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

/** The peer sent something malformed or illegal: close, back off, count it. */
export class PeerError extends Error {
  /** MQTT 5 reason code for the DISCONNECT that answers it. */
  readonly reason: number;

  /** @param problem what was wrong, with the clause where there is one */
  constructor(reason: number, problem: string) {
    super(problem);
    this.reason = reason;
  }
}
