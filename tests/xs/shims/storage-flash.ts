/**
 * The platform's module `embedded:storage/flash` with the one partition of the XS host (flash.c), so
 * that the board's own port of its flash runs in the engine.
 */

const BLOCKS = 64;
const BLOCK_BYTES = 4096;

const status = () => ({ size: BLOCKS * BLOCK_BYTES, blocks: BLOCKS, blockLength: BLOCK_BYTES });

export default {
  /** @returns the partition; there is one, whatever the name */
  open: () => ({ read: nor.read, write: nor.write, eraseBlock: nor.eraseBlock, status }),
};
