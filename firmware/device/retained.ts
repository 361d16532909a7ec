/** What a device leaves at a broker: the topics of what it retains there. */

import { readRules } from '../alarms/rule-reader.ts';
import { encodeTopic } from '../mqtt/codec/topics.ts';
import { deviceKey, discoveryTopic } from '../telemetry/discovery.ts';
import type { DeviceConfig } from './config.ts';
import { DeviceTopics } from './topics.ts';

/** @throws ConfigError when the base is no topic name */
export function retainedTopics(config: DeviceConfig): readonly Uint8Array[] {
  const { status, reported, alarm } = new DeviceTopics(config.baseTopic);
  const key = deviceKey(config);
  // Not every broker lets a board write there.
  const keys = config.discovery === 'off' ? [] : [key, `${key}_controls`, `${key}_diagnostics`];
  const announced = keys.map(discoveryTopic);
  const alarms = readRules(config.alarms).rules.map(({ name }) => encodeTopic(alarm + name));
  // What is wanted stays: after a power cut it may have to be settled anew, where both are one broker.
  return [...announced, ...alarms, reported, status];
}
