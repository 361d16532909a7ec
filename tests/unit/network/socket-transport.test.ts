import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeIncoming } from '../../../firmware/network/incoming.ts';
import { type SocketEvents, SocketTransport } from '../../../firmware/network/socket-transport.ts';
import type { CloseReason, Transport, TransportHandler } from '../../../firmware/ports.ts';

/**
 * The platform's socket, as its sources have it: once the peer has closed its side, a write throws
 * at once, while the end is told only after what had arrived before was read.
 */
class PlatformSocket {
  readonly written: number[] = [];
  closes = 0;
  asked = 0;
  private readonly received: number[] = [];
  private readonly ended: () => void;
  private isReady = true;

  constructor(ended: () => void) {
    this.ended = ended;
  }

  /** Bytes and the peer's end of them in one delivery. @returns how many can be read */
  finish(bytes: readonly number[]): number {
    this.received.push(...bytes);
    this.isReady = false;
    return bytes.length;
  }

  read(into: Uint8Array): void {
    if (into.length > this.received.length) throw new Error('invalid');
    into.set(this.received.splice(0, into.length));
    if (this.received.length === 0 && !this.isReady) this.ended();
  }

  write(bytes: Uint8Array): number {
    this.asked += 1;
    if (!this.isReady) throw new Error('not ready');
    this.written.push(...bytes);
    return 100 - this.written.length;
  }

  close(): void {
    this.closes += 1;
  }
}

function connected(handler: Partial<TransportHandler>) {
  const later: (() => void)[] = [];
  const platform = { hasNetwork: true, closings: 0 };
  const reasons: CloseReason[] = [];
  const full: TransportHandler = {
    opened() {},
    readable() {},
    writable() {},
    closed: (reason) => reasons.push(reason),
    ...handler,
  };
  const transport = new SocketTransport(full, {
    later: (work) => later.push(work),
    closing: () => {
      platform.closings += 1;
    },
    hasNetwork: () => platform.hasNetwork,
  });
  let socket!: PlatformSocket;
  let tell!: SocketEvents;
  transport.open((events) => {
    tell = events;
    socket = new PlatformSocket(() => later.push(events.onError));
    later.push(() => events.onWritable(100));
    return socket;
  });
  const loop = () => {
    for (const work of later.splice(0)) work();
  };
  loop();
  const readable = (bytes: number) => tell.onReadable(bytes);
  return { transport, socket, reasons, readable, tell, loop, platform };
}

describe('a transport over a socket of the platform', () => {
  it('takes nothing from whoever answers a peer that has closed its side, and then ends', () => {
    const answer = Uint8Array.of(7, 8, 9);
    let taken = -1;
    const world = connected({
      readable() {
        assert.equal(world.transport.read(new Uint8Array(8), 0, 8), 3);
        taken = world.transport.write(answer, 0, 3);
      },
    });
    world.readable(world.socket.finish([1, 2, 3]));
    assert.equal(taken, 0);
    assert.deepEqual(world.reasons, []);
    world.loop();
    assert.deepEqual(world.reasons, ['closed by peer']);
    assert.equal(world.socket.closes, 1);
  });

  it('asks a closed peer for no more than once', () => {
    const world = connected({});
    world.socket.finish([1]);
    assert.equal(world.transport.write(Uint8Array.of(1), 0, 1), 0);
    assert.equal(world.transport.write(Uint8Array.of(1), 0, 1), 0);
    assert.deepEqual([world.socket.written, world.socket.asked], [[], 1]);
  });

  it('gives what had arrived, piece by piece, before the end', () => {
    const world = connected({});
    const into = new Uint8Array(2);
    world.readable(world.socket.finish([1, 2, 3]));
    assert.equal(world.transport.read(into, 0, 2), 2);
    world.loop();
    assert.deepEqual(world.reasons, []);
    assert.equal(world.transport.read(into, 0, 2), 1);
    assert.equal(world.transport.read(into, 0, 2), 0);
    world.loop();
    assert.deepEqual(world.reasons, ['closed by peer']);
  });

  it('takes what there is room for, and says when there is room again', () => {
    let rooms = 0;
    const world = connected({
      writable() {
        rooms += 1;
      },
    });
    assert.equal(world.transport.write(new Uint8Array(150), 0, 150), 100);
    assert.equal(world.transport.write(new Uint8Array(150), 100, 150), 0);
    assert.equal(rooms, 0);
  });

  it('says that the network is lost where the platform only says that it has ended', () => {
    const world = connected({});
    world.platform.hasNetwork = false;
    world.readable(world.socket.finish([]));
    world.socket.read(new Uint8Array(0));
    world.loop();
    assert.deepEqual(world.reasons, ['network lost']);
  });

  it('keeps a reason of its own when the network is lost as well', () => {
    const world = connected({});
    world.platform.hasNetwork = false;
    world.tell.failed('certificate expired');
    assert.deepEqual(world.reasons, ['certificate expired']);
  });

  it('calls an end by how far the connection had come', () => {
    const steps: [(events: SocketEvents) => void, CloseReason][] = [
      [() => {}, 'refused'],
      [(events) => events.connected(), 'tls failed'],
      [(events) => events.onWritable(1), 'closed by peer'],
    ];
    for (const [step, expected] of steps) {
      const reasons: CloseReason[] = [];
      const closed = (reason: CloseReason) => reasons.push(reason);
      const handler = { opened() {}, readable() {}, writable() {}, closed };
      const host = { later() {}, closing() {}, hasNetwork: () => true };
      const transport = new SocketTransport(handler, host);
      let tell!: SocketEvents;
      transport.open((events) => {
        tell = events;
        return new PlatformSocket(() => {});
      });
      step(tell);
      tell.onError();
      assert.deepEqual(reasons, [expected]);
    }
  });

  it('closes its socket once, and has its release waited for once', () => {
    const world = connected({ closed: () => world.transport.close() });
    world.socket.finish([]);
    world.socket.read(new Uint8Array(0));
    world.loop();
    world.transport.close();
    world.tell.failed('reset');
    assert.equal(world.platform.closings, 1);
    assert.equal(world.socket.closes, 1);
  });

  it('ends from the event loop when no socket could be made', () => {
    const later: (() => void)[] = [];
    const reasons: CloseReason[] = [];
    const handler = {
      opened() {},
      readable() {},
      writable() {},
      closed: (reason: CloseReason) => reasons.push(reason),
    };
    const transport = new SocketTransport(handler, {
      later: (work) => later.push(work),
      closing: () => assert.fail('there is no socket'),
      hasNetwork: () => true,
    });
    transport.open(() => {
      throw new Error('no socket');
    });
    assert.deepEqual(reasons, []);
    later[0]();
    assert.deepEqual(reasons, ['local error']);
  });

  it('says that there is room once, and only to whom wanted more than there was', () => {
    let rooms = 0;
    const world = connected({
      writable() {
        rooms += 1;
      },
    });
    world.tell.onWritable(50);
    assert.equal(world.transport.write(new Uint8Array(60), 0, 10), 10);
    world.tell.onWritable(40);
    assert.equal(rooms, 0, 'nobody wanted more');
    assert.equal(world.transport.write(new Uint8Array(60), 0, 41), 40);
    world.tell.onWritable(0);
    assert.equal(rooms, 0, 'no room');
    world.tell.onWritable(1);
    world.tell.onWritable(2);
    assert.equal(rooms, 1);
    assert.equal(world.transport.write(new Uint8Array(60), 50, 52), 2);
    world.tell.onWritable(3);
    assert.equal(rooms, 1, 'all was taken');
  });

  it('asks again where the platform says that there is room after all', () => {
    let rooms = 0;
    const world = connected({
      writable() {
        rooms += 1;
      },
    });
    world.socket.finish([1]);
    assert.equal(world.transport.write(Uint8Array.of(1), 0, 1), 0);
    world.tell.onWritable(10);
    assert.equal(rooms, 1);
  });

  it('tells an owner that has closed it nothing more', () => {
    const told: string[] = [];
    const world = connected({
      opened: () => told.push('opened'),
      readable: () => told.push('readable'),
      writable: () => told.push('writable'),
    });
    told.length = 0;
    assert.equal(world.transport.write(new Uint8Array(200), 0, 200), 100);
    world.transport.close();
    world.tell.onReadable(3);
    world.tell.onWritable(50);
    world.tell.onError();
    assert.deepEqual([told, world.reasons], [[], []]);
  });

  it('calls each end that the platform only tells of a lost network, where there is none', () => {
    for (const reason of ['closed by peer', 'reset', 'refused', 'tls failed'] as const) {
      const world = connected({});
      world.tell.failed(reason);
      assert.deepEqual(world.reasons, [reason]);
      const lost = connected({});
      lost.platform.hasNetwork = false;
      lost.tell.failed(reason);
      assert.deepEqual(lost.reasons, ['network lost']);
    }
  });

  it('leaves room for what a write takes beside its bytes', () => {
    let rooms = 0;
    const handler = { opened() {}, readable() {}, closed() {} };
    const writable = () => {
      rooms += 1;
    };
    const host = { later() {}, closing() {}, hasNetwork: () => true };
    const transport = new SocketTransport({ ...handler, writable }, host, 30);
    const written: number[] = [];
    let tell!: SocketEvents;
    transport.open((events) => {
      tell = events;
      const write = (bytes: Uint8Array) => {
        written.push(bytes.length);
        return undefined;
      };
      return { read: () => assert.fail(), write, close() {} };
    });
    tell.onWritable(100);
    assert.equal(transport.write(new Uint8Array(80), 0, 80), 70);
    assert.deepEqual(written, [70]);
    // A socket that does not say how much it takes now takes nothing until it says so.
    assert.equal(transport.write(new Uint8Array(80), 70, 80), 0);
    tell.onWritable(30);
    assert.equal(rooms, 0);
    tell.onWritable(31);
    assert.equal(rooms, 1);
    assert.equal(transport.write(new Uint8Array(80), 70, 80), 1);
  });

  it('takes nothing more from a socket that does not say how much it takes, until it says so', () => {
    const handler = { opened() {}, readable() {}, writable() {}, closed() {} };
    const host = { later() {}, closing() {}, hasNetwork: () => true };
    const transport = new SocketTransport(handler, host);
    let tell!: SocketEvents;
    transport.open((events) => {
      tell = events;
      return { read() {}, write: () => undefined, close() {} };
    });
    tell.onWritable(5);
    assert.equal(transport.write(new Uint8Array(3), 0, 3), 3);
    assert.equal(transport.write(new Uint8Array(3), 0, 3), 0);
    tell.onWritable(2);
    assert.equal(transport.write(new Uint8Array(3), 0, 3), 2);
  });

  it('takes nothing and gives nothing before it is open, behind its end, and for no bytes', () => {
    const handler = { opened() {}, readable() {}, writable() {}, closed() {} };
    const host = { later() {}, closing() {}, hasNetwork: () => true };
    const transport = new SocketTransport(handler, host);
    let tell!: SocketEvents;
    let asked = 0;
    transport.open((events) => {
      tell = events;
      const ask = () => {
        asked += 1;
        return 0;
      };
      return { read: ask, write: ask, close() {} };
    });
    const bytes = new Uint8Array(8);
    assert.equal(transport.read(bytes, 0, 8), 0);
    assert.equal(transport.write(bytes, 0, 8), 0);
    tell.onReadable(8);
    assert.equal(transport.write(bytes, 0, 8), 0);
    tell.connected();
    assert.equal(transport.write(bytes, 0, 8), 0);
    tell.onWritable(8);
    assert.equal(transport.write(bytes, 3, 3), 0);
    assert.equal(transport.read(bytes, 3, 3), 0);
    assert.equal(transport.read(bytes, 4, 3), 0);
    transport.close();
    assert.equal(transport.write(bytes, 0, 8), 0);
    assert.equal(transport.read(bytes, 0, 8), 0);
    assert.equal(asked, 0);
  });

  it('is told open once, and what has come afterwards as it comes', () => {
    const told: string[] = [];
    const world = connected({
      opened: () => told.push('opened'),
      readable: () => told.push('readable'),
    });
    world.tell.onWritable(80);
    world.readable(world.socket.finish([1]));
    assert.deepEqual(told, ['opened', 'readable']);
  });

  it('reads and writes the part of a buffer that it is told', () => {
    const world = connected({});
    assert.equal(world.transport.write(Uint8Array.of(1, 2, 3, 4, 5), 1, 4), 3);
    assert.deepEqual(world.socket.written, [2, 3, 4]);
    world.readable(world.socket.finish([7, 8]));
    const into = new Uint8Array(5);
    assert.equal(world.transport.read(into, 2, 5), 2);
    assert.deepEqual([...into], [0, 0, 7, 8, 0]);
  });
});

describe('a connection that came in', () => {
  const thread = (deeds: string[]) => ({
    hold: () => deeds.push('hold'),
    release: () => deeds.push('release'),
  });

  function incoming(handler: TransportHandler | undefined) {
    const deeds: string[] = [];
    const host = { later() {}, closing: () => deeds.push('closing'), hasNetwork: () => true };
    let tell!: SocketEvents;
    let transport!: Transport;
    takeIncoming(
      host,
      thread(deeds),
      (events) => {
        deeds.push('make');
        tell = events;
        const write = (bytes: Uint8Array) => 10 - bytes.length;
        return { read() {}, write, close: () => deeds.push('close') };
      },
      (accepted) => {
        deeds.push('accept');
        transport = accepted;
        return handler;
      },
    );
    return { deeds, tell, transport };
  }

  it('is made while the network thread stands still, and then belongs to whoever accepts it', () => {
    const told: string[] = [];
    const world = incoming({
      opened: () => told.push('opened'),
      readable: () => told.push('readable'),
      writable: () => told.push('writable'),
      closed: (reason) => told.push(reason),
    });
    assert.deepEqual(world.deeds, ['hold', 'make', 'release', 'accept']);
    assert.equal(world.transport.write(new Uint8Array(4), 0, 4), 0);
    world.tell.onWritable(10);
    world.tell.onReadable(4);
    assert.deepEqual(told, ['writable', 'readable'], 'it is open from the start');
    assert.equal(world.transport.write(new Uint8Array(4), 0, 4), 4);
    world.tell.onError();
    assert.deepEqual(told, ['writable', 'readable', 'closed by peer']);
  });

  it('is closed where nobody wants it', () => {
    const { deeds } = incoming(undefined);
    assert.deepEqual(deeds, ['hold', 'make', 'release', 'accept', 'closing', 'close']);
  });

  it('lets the network thread go on where no socket could be made', () => {
    const deeds: string[] = [];
    const host = { later() {}, closing() {}, hasNetwork: () => true };
    const fails = () => {
      throw new Error('no memory');
    };
    takeIncoming(host, thread(deeds), fails, () => undefined);
    assert.deepEqual(deeds, ['hold', 'release']);
  });
});
