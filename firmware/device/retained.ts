/** What a device leaves at a broker: the topics of what is retained there for it and of it. */

import { readRules } from '../alarms/rule-reader.ts';
import { encodeTopic } from '../mqtt/codec/topics.ts';
import { deviceKey, discoveryTopic } from '../telemetry/discovery.ts';
import type { DeviceConfig } from './config.ts';
import { DeviceTopics } from './topics.ts';

/** @throws ConfigError when the base is no topic name */
export function retainedTopics(config: DeviceConfig): readonly Uint8Array[] {
  const { status, reported, desired, alarm } = new DeviceTopics(config.baseTopic);
  const key = deviceKey(config);
  // Not every broker lets a board write there.
  const keys = config.discovery === 'off' ? [] : [key, `${key}_controls`, `${key}_diagnostics`];
  const announced = keys.map(discoveryTopic);
  const alarms = readRules(config.alarms).rules.map(({ name }) => encodeTopic(alarm + name));
  // The wish that led away may hold a secret.
  return [...announced, ...alarms, encodeTopic(desired), reported, status];
}
