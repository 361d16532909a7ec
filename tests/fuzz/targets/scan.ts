/** Found networks against a plain reference: the strongest of each name, and of those the first. */

import assert from 'node:assert/strict';
import type { FoundNetwork } from '../../../firmware/ports.ts';
import { addFound, NETWORKS_MAX } from '../../../firmware/wifi/found-networks.ts';
import type { Target } from '../target.ts';

/** Each access point: the length of its name, its strength, its name. */
function accessPoints(input: Uint8Array): FoundNetwork[] {
  const found: FoundNetwork[] = [];
  for (let at = 0; at + 2 <= input.length; ) {
    const end = at + 2 + (input[at] % 33);
    const ssid = input.slice(at + 2, end);
    found.push({ ssid, rssi: -input[at + 1], channel: 1, secure: true });
    at = end;
  }
  return found;
}

const nameOf = ({ ssid }: FoundNetwork) => String.fromCharCode(...ssid);

export const target: Target = {
  seeds: [
    Uint8Array.of(1, 40, 0x61, 1, 50, 0x62, 1, 30, 0x61, 0, 60, 3, 70, 1, 2, 3),
    Uint8Array.from({ length: 300 }, (_, i) => [2, i * 7, i, i >> 3][i % 4]),
  ],
  bytesMax: 400,
  stepsMax: 600_000,
  madeMax: 0,
  run(input) {
    const list: FoundNetwork[] = [];
    const best = new Map<string, number>();
    for (const one of accessPoints(input)) {
      addFound(list, one);
      assert.ok(list.length <= NETWORKS_MAX);
      const name = nameOf(one);
      best.set(name, Math.max(best.get(name) ?? Number.NEGATIVE_INFINITY, one.rssi));
    }
    const strengths = [...best.values()].sort((a, b) => b - a).slice(0, NETWORKS_MAX);
    assert.equal(list.map(({ rssi }) => rssi).join(), strengths.join());
    const names = new Set(list.map(nameOf));
    assert.equal(names.size, list.length, 'a name twice');
    for (const one of list) assert.equal(best.get(nameOf(one)), one.rssi);
  },
};
