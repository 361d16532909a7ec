/** JSON from outside: what is read is shallow, and commands are answered. */

import assert from 'node:assert/strict';
import { parseJsonObject } from '../../../firmware/base/json.ts';
import { CommandTable } from '../../../firmware/device/commands.ts';
import { bytesOf } from '../../support/http-stream.ts';
import type { Target } from '../target.ts';

const NAMES: readonly string[] = [
  'interval',
  'identify',
  'forget',
  'reboot',
  'toString',
  '__proto__',
];

const SEEDS: readonly string[] = [
  '{"seconds":30,"id":7}',
  '{"id":"\\u00e4\\ud83d\\ude00","seconds":1e2}',
  '{"confirm":"forget"}',
  '{"a":[{"b":[1,2,true,null,"x\\\\"]}],"__proto__":{"id":1}}',
  '{"ssid":[104,111],"host":"mqtts://u:p@h:1","port":1883,"offsetTemperature":-1.25,"unit":"F"}',
];

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

export const target: Target = {
  seeds: SEEDS.map((text) => Uint8Array.of(text.length, ...bytesOf(text))),
  bytesMax: 1500,
  stepsMax: 1_000_000,
  madeMax: 600_000,
  run(input) {
    const payload = input.subarray(1);
    const object = parseJsonObject(payload);
    if (object !== undefined) {
      assert.ok(!Array.isArray(object) && depthOf(object) <= 3);
      const again = parseJsonObject(bytesOf(JSON.stringify(object)));
      assert.ok(again !== undefined, 'what was read cannot be read again');
    }
    const name = NAMES[(input[0] ?? 0) % NAMES.length];
    const asked: number[] = [];
    const table = new CommandTable({
      perform: (_command, seconds) => {
        asked.push(seconds);
        return '';
      },
    });
    const response = table.take(name, payload, false, 0);
    assert.ok(response !== undefined && response.payload.length < 1024);
    assert.equal(response.ok, asked.length === 1, 'done, and said otherwise');
    const said: { ok?: unknown } = JSON.parse(new TextDecoder().decode(response.payload));
    assert.equal(said.ok, response.ok);
    assert.ok(asked.every((seconds) => Number.isInteger(seconds) && seconds <= 86_400));
  },
};
