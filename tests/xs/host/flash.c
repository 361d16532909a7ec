/*
 * A partition of NOR flash for scripts: 64 blocks of 4096 bytes outside of the machine's heap, as
 * the board's lies outside of it. The global `nor` has the functions of the platform's partition:
 * `read(into, offset)`, `write(bytes, offset)` and `eraseBlock(from, to)`. It begins erased, and
 * refuses what real flash does not do: a second write to a byte, and what lies outside.
 */
#include "host.h"

#define BLOCK_BYTES 4096
#define BLOCKS 64

static txU1 nor[BLOCKS * BLOCK_BYTES];

extern txInteger _xsmcGetBuffer(txMachine* the, txSlot* slot, void** data, txUnsigned* count, txBoolean writable);

/* The first argument's bytes, which `at` (the second one) finds inside of the partition. */
static txU1* bytesOf(txMachine* the, txUnsigned* at, txUnsigned* count, txBoolean writable)
{
	void* data = NULL;
	if (mxArgc < 2)
		mxTypeError("nor: bytes and an offset");
	_xsmcGetBuffer(the, mxArgv(0), &data, count, writable);
	*at = fxToUnsigned(the, mxArgv(1));
	if (*at > sizeof(nor) || *count > sizeof(nor) - *at)
		mxRangeError("nor: outside of the partition");
	return data;
}

static void readBytes(txMachine* the)
{
	txUnsigned at, count;
	txU1* into = bytesOf(the, &at, &count, 1);
	memcpy(into, nor + at, count);
	fxInteger(the, mxResult, (txInteger)count);
}

static void writeBytes(txMachine* the)
{
	txUnsigned at, count, i;
	txU1* from = bytesOf(the, &at, &count, 0);
	for (i = 0; i < count; i++) {
		if (nor[at + i] != 0xFF)
			mxTypeError("nor: a byte is written twice");
		nor[at + i] = from[i];
	}
}

static void eraseBlock(txMachine* the)
{
	txUnsigned from = mxArgc > 0 ? fxToUnsigned(the, mxArgv(0)) : BLOCKS;
	txUnsigned to = mxArgc > 1 ? fxToUnsigned(the, mxArgv(1)) : from + 1;
	if (from > to || to > BLOCKS)
		mxRangeError("nor: no such block");
	memset(nor + from * BLOCK_BYTES, 0xFF, (to - from) * BLOCK_BYTES);
}

static const MoteFunction functions[] = {
	{ "read", readBytes, 2 },
	{ "write", writeBytes, 2 },
	{ "eraseBlock", eraseBlock, 2 },
};

void moteDefineFlash(txMachine* the)
{
	memset(nor, 0xFF, sizeof(nor));
	moteDefineObject(the, "nor", functions, sizeof(functions) / sizeof(functions[0]));
}
