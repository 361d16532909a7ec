/**
 * Reads what a step costs in XS: meter, heap bytes, collections. Runs in the clone, on the 32-bit
 * host; a step runs a thousand times unmeasured first, so caches and rings have their sizes.
 */

/** What one step costs on average over the measured ones. */
export interface Cost {
  /** Instructions and weighted built-ins, without the measuring itself. */
  readonly meter: number;
  /** Bytes of slots and chunks allocated; all of it is garbage afterwards in a steady state. */
  readonly garbageBytes: number;
}

const STEPS = 64;
const WARM_UP_STEPS = 200;

/** Bytes of slots and chunks in use. */
export function heapBytes(): number {
  return engine.slotsUsed() * engine.slotBytes() + engine.chunkBytesUsed();
}

/** Bytes that stay in use. One collection frees, a second one frees what the first let go. */
export function retainedBytes(): number {
  engine.collect();
  engine.collect();
  return heapBytes();
}

/** The meter of the measuring itself, and of calling a step. */
function idleMeter(step: () => void): number {
  const before = engine.meter();
  step();
  return engine.meter() - before;
}

/**
 * @param prepare called before each step, not measured
 * @throws Error when a collection falls into a measured step: the figures would be wrong
 */
export function costOf(step: () => void, prepare: () => void = () => {}): Cost {
  for (let i = 0; i < WARM_UP_STEPS; i++) {
    prepare();
    step();
  }
  const idle = idleMeter(() => {});
  let meter = 0;
  let garbage = 0;
  for (let i = 0; i < STEPS; i++) {
    prepare();
    engine.collect();
    engine.collect();
    const collections = engine.collections();
    const heap = heapBytes();
    const before = engine.meter();
    step();
    meter += engine.meter() - before - idle;
    garbage += heapBytes() - heap;
    if (engine.collections() !== collections) throw new Error('a collection fell into a step');
  }
  return { meter: Math.round(meter / STEPS), garbageBytes: Math.round(garbage / STEPS) };
}
