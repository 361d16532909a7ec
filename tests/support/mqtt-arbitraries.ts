/** Random texts, topics and properties, such as every MQTT implementation has to agree on. */

import fc from 'fast-check';
import { toHex } from './mqtt-bytes.ts';
import type { PropertyFields } from './mqtt-fields.ts';

/** Any characters but U+0000, up to 12. */
export const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((found) => found.replaceAll('\0', 'é'));
/** A topic name. */
export const topic = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .map((found) => found.replaceAll(/[\0+#]/g, '/'));
/** A filter, with wildcards where they may stand. */
export const filter = fc
  .array(
    fc.oneof(
      fc.constant('+'),
      text.map((one) => one.replaceAll(/[+#/]/g, '_')),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .chain((levels) => fc.constantFrom(levels.join('/') || 'f', [...levels, '#'].join('/')))
  .filter((found) => !found.startsWith('$share'));
export const bytes = fc.uint8Array({ maxLength: 40 });
export const packetId = fc.integer({ min: 1, max: 65_535 });
export const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);

const data = fc.uint8Array({ maxLength: 8 }).map(toHex);
const bit = fc.constantFrom(0, 1);
const uint16 = fc.integer({ min: 1, max: 65_535 });
const uint32 = fc.integer({ min: 1, max: 0xffff_ffff });
/** Names that `mqtt-packet`'s objects keep in order, with one value or more. */
const user = fc
  .uniqueArray(
    text.map((name) => `k${name}`),
    { minLength: 1, maxLength: 3 },
  )
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .array(
            text.map((value) => `v${value}`),
            { minLength: 1, maxLength: 2 },
          )
          .map((values) => values.map((value): [string, string] => [name, value])),
      ),
    ),
  )
  .map((groups) => groups.flat());

const ARBITRARIES = Object.freeze({
  payloadFormat: bit,
  messageExpiry: uint32,
  contentType: text,
  responseTopic: topic,
  correlationData: data,
  subscriptionId: fc.array(fc.integer({ min: 1, max: 268_435_455 }), {
    minLength: 1,
    maxLength: 3,
  }),
  sessionExpiry: uint32,
  assignedClientId: text,
  serverKeepAlive: uint16,
  authenticationMethod: text,
  authenticationData: data,
  willDelay: uint32,
  requestResponseInformation: bit,
  responseInformation: text,
  serverReference: text,
  reasonString: text,
  receiveMaximum: uint16,
  topicAliasMaximum: uint16,
  topicAlias: uint16,
  maximumQos: bit,
  retainAvailable: bit,
  user,
  maximumPacketSize: uint32,
  wildcardSubscriptionAvailable: bit,
  subscriptionIdAvailable: bit,
  sharedSubscriptionAvailable: bit,
});

/** Any choice of the named properties, as `propertyFields` gives them. */
export function properties(
  ...names: readonly (keyof typeof ARBITRARIES)[]
): fc.Arbitrary<PropertyFields> {
  const model = Object.fromEntries(names.map((name) => [name, ARBITRARIES[name]]));
  return fc.record(model, {
    requiredKeys: [],
    noNullPrototype: true,
  }) as fc.Arbitrary<PropertyFields>;
}
