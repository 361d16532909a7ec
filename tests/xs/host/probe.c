/*
 * What a script sees beside the language: `print(text)`, `exit(code)` and the object `engine`,
 * whose functions return the machine's counters as plain integers. Reading one allocates nothing;
 * the meter it costs is constant, so a script measures an empty interval and subtracts it.
 */
#include "host.h"

static void integer(txMachine* the, txInteger value)
{
	fxInteger(the, mxResult, value);
}

static void print(txMachine* the)
{
	if (mxArgc > 0)
		fputs(fxToString(the, mxArgv(0)), stdout);
	fputc('\n', stdout);
	fflush(stdout);
}

static void setExit(txMachine* the)
{
	moteExitCode = mxArgc > 0 ? fxToInteger(the, mxArgv(0)) : EXIT_OK;
}

/* Instructions and weighted built-ins executed so far; wraps at 2^31. */
static void meter(txMachine* the)
{
	integer(the, (txInteger)(the->meterIndex & 0x7FFFFFFF));
}

static void slotsUsed(txMachine* the)
{
	integer(the, the->currentHeapCount);
}

static void slotsPeak(txMachine* the)
{
	integer(the, the->peakHeapCount);
}

static void slotBytes(txMachine* the)
{
	integer(the, sizeof(txSlot));
}

static void chunkBytesUsed(txMachine* the)
{
	integer(the, the->currentChunksSize);
}

static void chunkBytesPeak(txMachine* the)
{
	integer(the, the->peakChunksSize);
}

static void stackPeak(txMachine* the)
{
	integer(the, (txInteger)(the->stackTop - the->stackPeak));
}

static void collections(txMachine* the)
{
	integer(the, the->garbageCollectionCount);
}

static void collect(txMachine* the)
{
	fxCollectGarbage(the);
}

/* Bytes of bytecode of the loaded modules whose name starts with the argument. */
static void codeBytes(txMachine* the)
{
	txString prefix = fxToString(the, mxArgv(0));
	size_t length = strlen(prefix);
	txInteger total = 0;
	int i;
	for (i = 0; i < moteModuleCount(); i++)
		if (!strncmp(moteModuleAt(i)->name, prefix, length))
			total += moteModuleAt(i)->codeBytes;
	integer(the, total);
}

static void preloadedBytes(txMachine* the)
{
	integer(the, (txInteger)motePreloadedBytes);
}

static const MoteFunction counters[] = {
	{ "meter", meter, 0 },
	{ "slotsUsed", slotsUsed, 0 },
	{ "slotsPeak", slotsPeak, 0 },
	{ "slotBytes", slotBytes, 0 },
	{ "chunkBytesUsed", chunkBytesUsed, 0 },
	{ "chunkBytesPeak", chunkBytesPeak, 0 },
	{ "stackPeak", stackPeak, 0 },
	{ "collections", collections, 0 },
	{ "collect", collect, 0 },
	{ "codeBytes", codeBytes, 1 },
	{ "preloadedBytes", preloadedBytes, 0 },
};

static void defineFunction(txMachine* the, const char* name, txCallback callback, txInteger length)
{
	txID id = fxNewNameC(the, (txString)name);
	txSlot* object = the->stack;
	fxNewHostFunction(the, callback, length, id, XS_NO_ID);
	mxPushSlot(object);
	mxSetID(id);
	mxPop();
}

/* Defines a global object that has these functions. */
void moteDefineObject(txMachine* the, const char* name, const MoteFunction* functions, size_t count)
{
	size_t i;
	txSlot* global;
	mxPush(mxGlobal);
	global = the->stack;
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	for (i = 0; i < count; i++)
		defineFunction(the, functions[i].name, functions[i].callback, functions[i].length);
	mxPushSlot(global);
	mxSetID(fxNewNameC(the, (txString)name));
	mxPop();
	mxPop();
}

void moteDefineGlobals(txMachine* the)
{
	mxPush(mxGlobal);
	defineFunction(the, "print", print, 1);
	defineFunction(the, "exit", setExit, 1);
	mxPop();
	moteDefineObject(the, "engine", counters, sizeof(counters) / sizeof(counters[0]));
	moteDefineFlash(the);
	moteDefineRom(the);
}
