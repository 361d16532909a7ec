/** What a board says of itself: at the foot of its page, and in its log. */

import { decodeUtf8 } from '../base/utf8.ts';
import type { PortalEnd } from '../provisioning/portal/parts.ts';
import { ABORTS_KEY } from './abort-log.ts';
import type { MoteMake, MotePorts } from './ports.ts';

export type Information = readonly (readonly [name: string, value: string])[];

/** Why the set-up network closed, for the log. */
export const SET_UP_ENDS: Readonly<Record<PortalEnd, string>> = Object.freeze({
  saved: 'the settings are saved',
  'wifi is back': 'the saved Wi-Fi can be joined again',
  idle: 'nobody used the page',
  reset: 'the settings are erased',
});

const HEX = '0123456789abcdef';

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
  const { radio, power, memory, outbox, clock, values } = ports;
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
  if (free !== undefined) facts.push(['memory', `${Math.floor(free / 1024)} KB`]);
  const aborts = values.get(ABORTS_KEY);
  if (aborts !== undefined) facts.push(['crashes', decodeUtf8(aborts, 0, aborts.length)]);
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
