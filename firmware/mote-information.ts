/** What a board knows of itself: the number of its boot, and what its page shows. */

import { readUint32, writeUint32 } from './base/bytes.ts';
import type { MoteMake, MotePorts } from './mote-ports.ts';
import type { KeyValue } from './ports.ts';

export type Information = readonly (readonly [name: string, value: string])[];

const BOOT_KEY = 'boot';
const HEX = '0123456789abcdef';

/** Counts a boot. @returns its number, from 1 */
export function nextBoot(values: KeyValue): number {
  const bytes = values.get(BOOT_KEY);
  const boot = (bytes?.length === 4 ? readUint32(bytes, 0) : 0) + 1;
  const next = new Uint8Array(4);
  writeUint32(next, 0, boot);
  values.set(BOOT_KEY, next);
  return boot;
}

/**
 * For the foot of the set-up page.
 * @param startedAt when this boot began, in `Clock.now()` milliseconds
 */
export function boardInformation(
  ports: MotePorts,
  make: MoteMake,
  id: string,
  boot: number,
  startedAt: number,
): Information {
  const { radio, power, memory, outbox, clock } = ports;
  const minutes = Math.floor((clock.now() - startedAt) / 60_000);
  const free = memory.freeBytes();
  const facts: (readonly [string, string])[] = [
    ['firmware', make.firmwareVersion],
    ['id', id],
    ['mac', macText(radio.mac)],
    ['uptime', `${minutes} min`],
    ['reset', power.resetReason],
    ['boots', `${boot}`],
    ['outbox', `${outbox.depth}`],
  ];
  if (free !== undefined) facts.push(['memory', `${free}`]);
  return facts;
}

function macText(mac: Uint8Array): string {
  let text = '';
  for (let i = 0; i < mac.length; i++) {
    if (i > 0) text += ':';
    text += HEX[mac[i] >> 4] + HEX[mac[i] & 15];
  }
  return text;
}
