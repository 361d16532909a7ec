/**
 * How much of its will the next CONNECT of 5.0 carries. A broker may refuse a will for what it asks
 * for (5.0 sections 3.1.2.6, 3.1.2.7, 3.2.2.2): the next attempt asks for less, and in the end for
 * no will at all. What was taken off stays off, also over a restart where the device keeps `level`.
 *
 * Invariant: each step takes something off, so a broker is asked at most five times.
 */
import type { Will } from '../mqtt/codec/encode.ts';

/** What was taken off: bits to be added up. */
export const WILL_WHOLE = 0;
const NOT_RETAINED = 1;
const QOS_0 = 2;
const NO_WILL = 4;

const CODE_TOPIC_NAME_INVALID = 0x90;
const CODE_PACKET_TOO_LARGE = 0x95;
const CODE_PAYLOAD_FORMAT_INVALID = 0x99;
const CODE_RETAIN_NOT_SUPPORTED = 0x9a;
const CODE_QOS_NOT_SUPPORTED = 0x9b;

export class WillChoice {
  /** 0 for the whole will; to be kept, and given back at the next start. */
  level: number;

  /** @param level as it was kept; what is none counts as the whole will */
  constructor(level: number) {
    this.level = level >= 0 && level <= (NOT_RETAINED | QOS_0 | NO_WILL) ? level : WILL_WHOLE;
  }

  /** Whether a reason code of CONNACK (5.0) may be about the will. */
  static isAbout(code: number): boolean {
    return (
      code === CODE_RETAIN_NOT_SUPPORTED ||
      code === CODE_QOS_NOT_SUPPORTED ||
      code === CODE_TOPIC_NAME_INVALID ||
      code === CODE_PAYLOAD_FORMAT_INVALID ||
      code === CODE_PACKET_TOO_LARGE
    );
  }

  /** The broker refused with `code`. @returns whether the next attempt asks for less */
  lessen(code: number): boolean {
    if ((this.level & NO_WILL) !== 0) return false;
    const off =
      code === CODE_RETAIN_NOT_SUPPORTED
        ? NOT_RETAINED
        : code === CODE_QOS_NOT_SUPPORTED
          ? QOS_0
          : NO_WILL;
    this.level |= (this.level & off) === 0 ? off : NO_WILL;
    return true;
  }
}

/** What a level leaves of a will; the same object where that is all of it. */
export function willAt(level: number, will: Will | undefined): Will | undefined {
  if (will === undefined || level === WILL_WHOLE) return will;
  if ((level & NO_WILL) !== 0) return undefined;
  const { topic, payload, properties } = will;
  const qos = (level & QOS_0) !== 0 ? 0 : will.qos;
  const retain = will.retain && (level & NOT_RETAINED) === 0;
  return { topic, payload, properties, qos, retain };
}
