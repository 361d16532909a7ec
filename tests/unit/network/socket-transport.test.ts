import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SocketEvents, SocketTransport } from '../../../firmware/network/socket-transport.ts';
import type { CloseReason, TransportHandler } from '../../../firmware/ports.ts';

/**
 * The platform's socket, as its sources have it: once the peer has closed its side, a write throws
 * at once, while the end is told only after what had arrived before was read.
 */
class PlatformSocket {
  readonly written: number[] = [];
  closes = 0;
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
    assert.deepEqual(world.socket.written, []);
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
});
