import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type NetworkThread, whileHeld } from '../../../firmware/network/network-thread.ts';

/** The SDK's sockets as their sources have them: lwIP calls with the native part that it was given. */
class Platform implements NetworkThread {
  isHeld = false;
  panics = 0;
  private hasFreedPart = false;

  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    this.segment();
  }

  /** `new TCP({ from })`: the old part is freed, and only then the new one is named to lwIP. */
  takeOver(problem?: Error): string {
    this.hasFreedPart = true;
    this.segment();
    if (problem !== undefined) throw problem;
    this.hasFreedPart = false;
    return 'with callbacks';
  }

  private segment(): void {
    if (!this.isHeld && this.hasFreedPart) this.panics += 1;
  }
}

describe('a connection that came in', () => {
  it('panics the board when a segment arrives while it is taken over', () => {
    const platform = new Platform();
    platform.takeOver();
    assert.equal(platform.panics, 1);
  });

  it('is taken over while the network thread stands still', () => {
    const platform = new Platform();
    assert.equal(
      whileHeld(platform, () => platform.takeOver()),
      'with callbacks',
    );
    assert.deepEqual([platform.panics, platform.isHeld], [0, false]);
  });

  it('lets the network thread go on when it cannot be taken over', () => {
    const platform = new Platform();
    assert.throws(() => whileHeld(platform, () => platform.takeOver(new Error('no memory'))), {
      message: 'no memory',
    });
    assert.equal(platform.isHeld, false);
  });
});
