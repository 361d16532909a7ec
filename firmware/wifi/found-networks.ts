/** What a scan found, as a list for people: each name once, the strongest first. */

import { sameBytes } from '../base/bytes.ts';
import type { FoundNetwork } from '../ports.ts';

/** The longest list: a board's memory holds no more beside its page. */
export const NETWORKS_MAX = 32;

/**
 * Adds an access point to the list, at its place.
 * A weaker one of the same name is left out, and so is the weakest of more than there is room for.
 */
export function addFound(list: FoundNetwork[], found: FoundNetwork): void {
  const known = list.findIndex(({ ssid }) => sameBytes(ssid, found.ssid));
  if (known >= 0) {
    if (list[known].rssi >= found.rssi) return;
    list.splice(known, 1);
  }
  const weaker = list.findIndex(({ rssi }) => rssi < found.rssi);
  list.splice(weaker < 0 ? list.length : weaker, 0, found);
  if (list.length > NETWORKS_MAX) list.pop();
}
