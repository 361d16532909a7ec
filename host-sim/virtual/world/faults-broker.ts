/** Faults of the broker: gone, forgetful, stalled, wrong, or hostile. */

import type { EndHow } from '../broker/settings.ts';
import type { FaultKind, Site } from './fault-kind.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const HOWS: readonly EndHow[] = Object.freeze(['close', 'reset', 'vanish']);
const REFUSALS: readonly number[] = Object.freeze([0x84, 0x86, 0x87, 0x88, 0x89, 0x97, 0x9f]);

function eachBoard({ boards }: Site, what: (id: string) => void): void {
  for (const { id } of boards) what(id);
}

export const BROKER_FAULTS: readonly FaultKind[] = Object.freeze([
  {
    name: 'broker-kill',
    about: 'the broker is gone for seconds to an hour, and comes back with its state',
    scope: 'broker',
    perDay: 2,
    lastsMs: [SECOND, HOUR],
    begin({ broker, random }) {
      broker.stop(random.pick(HOWS));
      return () => broker.start();
    },
  },
  {
    name: 'broker-amnesia',
    about: 'the broker restarts, and has lost sessions and retained messages',
    scope: 'broker',
    perDay: 1.5,
    lastsMs: [0, 0],
    begin({ broker, random }) {
      const downMs = random.between(0, 2 * MINUTE);
      broker.restart({ how: random.pick(HOWS), downMs, keepsState: false });
      return undefined;
    },
  },
  {
    name: 'session-lost',
    about: 'the broker drops its clients and forgets their sessions',
    scope: 'broker',
    perDay: 3,
    lastsMs: [0, 0],
    begin(site) {
      eachBoard(site, (id) => site.broker.drop(id, site.random.pick(HOWS)));
      site.broker.forgetSessions();
      return undefined;
    },
  },
  {
    name: 'broker-stall',
    about: 'the broker accepts connections and reads nothing',
    scope: 'broker',
    perDay: 2,
    lastsMs: [5 * SECOND, 10 * MINUTE],
    begin({ broker }) {
      broker.misbehave({ readsNothing: true });
      return () => broker.misbehave({ readsNothing: false });
    },
  },
  {
    name: 'drop-acks',
    about: 'acknowledgements and ping responses are late or never sent',
    scope: 'broker',
    perDay: 3,
    lastsMs: [10 * SECOND, 20 * MINUTE],
    begin({ broker, random }) {
      const dice = random.fork('answers');
      broker.misbehave({
        answer: () => {
          const drawn = dice.below(4);
          if (drawn === 0) return 'drop';
          return drawn === 1 ? { delayMs: dice.between(1, 15_000) } : 'send';
        },
      });
      return () => broker.misbehave({ answer: () => 'send' });
    },
  },
  {
    name: 'late-acks',
    about: 'acknowledgements and ping responses take their time, in order',
    scope: 'broker',
    perDay: 3,
    lastsMs: [MINUTE, HOUR],
    begin({ broker, random }) {
      const delayMs = random.between(20, 8000);
      broker.misbehave({ answer: () => ({ delayMs }) });
      return () => broker.misbehave({ answer: () => 'send' });
    },
  },
  {
    name: 'cut-packet',
    about: 'the broker closes in the middle of a packet',
    scope: 'broker',
    perDay: 4,
    lastsMs: [0, 0],
    begin({ broker, random }) {
      broker.misbehave({ cutsNext: random.pick(['connack', 'puback', 'pingresp', 'any']) });
      return undefined;
    },
  },
  {
    name: 'garbage',
    about: 'random bytes come from the broker, on live connections or instead of CONNACK',
    scope: 'broker',
    perDay: 3,
    lastsMs: [SECOND, 5 * MINUTE],
    begin(site) {
      const { broker, random } = site;
      const bytes = new Uint8Array(random.between(1, 64));
      eachBoard(site, (id) => {
        random.fill(bytes);
        broker.send(id, bytes);
      });
      broker.misbehave({ connect: 'garbage' });
      return () => broker.misbehave({ connect: 'answer' });
    },
  },
  {
    name: 'refuse',
    about: 'connections are refused in words, closed, or get no CONNACK',
    scope: 'broker',
    perDay: 2,
    lastsMs: [10 * SECOND, 30 * MINUTE],
    begin(site) {
      const { broker, random } = site;
      const connect = random.pick(['mute', 'close', 'reset', 'words', 'words'] as const);
      broker.misbehave({
        connect: connect === 'words' ? { refuse: random.pick(REFUSALS) } : connect,
      });
      eachBoard(site, (id) => broker.drop(id, 'close'));
      return () => broker.misbehave({ connect: 'answer' });
    },
  },
  {
    name: 'dies-young',
    about: 'connections are accepted, and end moments later',
    scope: 'broker',
    perDay: 2,
    lastsMs: [MINUTE, 30 * MINUTE],
    begin(site) {
      const { broker, random } = site;
      const diesAfterMs = random.between(0, 20 * SECOND);
      broker.misbehave({ diesAfterMs, diesHow: random.pick(['close', 'reset'] as const) });
      eachBoard(site, (id) => broker.drop(id, 'close'));
      return () => broker.misbehave({ diesAfterMs: undefined });
    },
  },
  {
    name: 'duplicate-id',
    about: 'another client with the same identifier takes the session over, again and again',
    scope: 'broker',
    perDay: 1.5,
    lastsMs: [MINUTE, 15 * MINUTE],
    begin(site) {
      const { broker, queue, random } = site;
      let isOver = false;
      const intrude = (): void => {
        if (isOver) return;
        eachBoard(site, (id) => broker.takeOver(id));
        queue.after(random.between(SECOND, 30 * SECOND), intrude);
      };
      intrude();
      return () => {
        isOver = true;
      };
    },
  },
  {
    name: 'publish-refused',
    about: 'the broker refuses some readings (5.0): over quota, not authorised',
    scope: 'broker',
    perDay: 0.7,
    lastsMs: [10 * SECOND, 5 * MINUTE],
    begin({ broker, random }) {
      const dice = random.fork('refusals');
      broker.misbehave({
        publishReason: () => dice.pick([0, 0x87, 0x97]),
      });
      return () => broker.misbehave({ publishReason: () => 0 });
    },
  },
  {
    name: 'poison',
    about: 'the broker never acknowledges one reading of a board, or closes at it',
    scope: 'broker',
    perDay: 1.5,
    lastsMs: [MINUTE, 4 * HOUR],
    begin({ broker, boards, random }) {
      const { id, outbox } = random.pick(boards);
      const number = (outbox?.headSequence ?? 1) + random.below(3);
      const fate = random.pick(['silence', 'close'] as const);
      broker.misbehave({
        poison: (topic, payload, clientId) =>
          clientId === id && isReading(topic) && hasReading(payload, number) ? fate : 'none',
      });
      return () => broker.misbehave({ poison: () => 'none' });
    },
  },
]);

function isReading(topic: string): boolean {
  return topic.endsWith('/telemetry') || topic.endsWith('/history');
}

/** Whether a payload holds the reading of a number. */
function hasReading(payload: Uint8Array, number: number): boolean {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes(
    `"seq":${number},`,
  );
}
