/*
 * Runs a pack of modules in XS:
 *   mote-xs [--roomy | --static <bytes> [--chunks <bytes>] [--slots <n>]] [--stack <slots>]
 *     [--verbose] <pack>
 *
 * The P modules run in a first machine, which is frozen and shared; the D modules run in a clone
 * of it that has the heap of an ESP32 board. --static gives it one arena of that many bytes
 * instead, for slots, chunks and stack together, of which so much is set aside for chunks and slots
 * from the start; --stack another stack; --roomy all the memory it asks for. Each D module
 * is imported in the pack's order; the program ends when no promise job is left. --verbose lists
 * what the P modules left writable.
 *
 * Exit codes: see host.h. `exit(code)` in a script sets the code, it does not stop the script.
 */
#include "host.h"

int moteExitCode = EXIT_OK;
long motePreloadedBytes = 0;

static long staticBytes = 0;
static int isRoomy = 0;

/* A machine with room for anything: the preloading one, which is flash on the board. */
static txCreation roomy = {
	16 * 1024 * 1024, 1024 * 1024, 256 * 1024, 64 * 1024, 16 * 1024, 4096, 1024, 127, 127, 64 * 1024, 1993, 0
};

/* The creation for esp32/nodemcu and esp32/esp32s3 with manifest.json: chunk bytes, slots, stack slots; nothing grows. */
static txCreation board = {
	78848, 0, 4928, 0, 640, 32, 32, 127, 127, 64 * 1024, 1993, 0
};

/* One arena: chunks grow from its low end, slots from its high end, in small steps. */
static txCreation capped = {
	1536, 512, 64, 32, 512, 32, 32, 127, 127, 64 * 1024, 1993, 0
};

/* MEMORY */

void* fxAllocateChunks(txMachine* the, txSize size)
{
	char* result = the->arenaLow;
	size = (size + 15) & ~15;
	if (!the->arena)
		return malloc(size);
	if (the->arenaHigh - the->arenaLow < size)
		return NULL;
	the->arenaLow += size;
	return result;
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	if (!the->arena)
		free(chunks);
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	long size = (long)count * (long)sizeof(txSlot);
	if (!the->arena)
		return count ? malloc(size) : NULL;
	if (the->arenaHigh - the->arenaLow < size)
		return NULL;
	the->arenaHigh -= size;
	return (txSlot*)the->arenaHigh;
}

void fxFreeSlots(txMachine* the, void* slots)
{
	if (!the->arena)
		free(slots);
}

void fxCreateMachinePlatform(txMachine* the)
{
	if (staticBytes && the->sharedMachine) {
		the->arena = aligned_alloc(16, (staticBytes + 15) & ~15L);
		the->arenaLow = the->arena;
		the->arenaHigh = the->arena + (staticBytes & ~15L);
	}
}

void fxDeleteMachinePlatform(txMachine* the)
{
	free(the->arena);
}

/* ENDINGS */

static void reportException(txMachine* the)
{
	txSlot* exception = the->stack;
	mxTry(the) {
		if (mxIsReference(exception)) {
			mxPushSlot(exception);
			mxGetID(mxID(_stack));
			if (the->stack->kind == XS_UNDEFINED_KIND) {
				mxPop();
				mxPushSlot(exception);
			}
		}
		else
			mxPushSlot(exception);
		fprintf(stderr, "%s\n", fxToString(the, the->stack));
		mxPop();
	}
	mxCatch(the) {
		fprintf(stderr, "an exception that has no text\n");
	}
}

void fxAbort(txMachine* the, int status)
{
	int code = EXIT_ABORTED;
	const char* reason = "aborted";
	fflush(stdout);
	switch (status) {
	case XS_NOT_ENOUGH_MEMORY_EXIT: code = EXIT_MEMORY_FULL; reason = "memory full"; break;
	case XS_STACK_OVERFLOW_EXIT: code = EXIT_STACK_OVERFLOW; reason = "stack overflow"; break;
	case XS_NO_MORE_KEYS_EXIT: code = EXIT_KEYS_FULL; reason = "no more keys"; break;
	case XS_UNHANDLED_EXCEPTION_EXIT: code = EXIT_FAILED; reason = "unhandled exception"; break;
	case XS_UNHANDLED_REJECTION_EXIT: code = EXIT_FAILED; reason = "unhandled rejection"; break;
	default: break;
	}
	fprintf(stderr, "XS: %s\n", reason);
	if (code == EXIT_FAILED) {
		mxPush(mxException);
		reportException(the);
	}
	if (code == EXIT_MEMORY_FULL)
		fprintf(stderr, "slots %ld of %ld, chunk bytes %ld of %ld\n",
			(long)the->currentHeapCount, (long)the->maximumHeapCount,
			(long)the->currentChunksSize, (long)the->maximumChunksSize);
	exit(code);
}

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

/* RUNNING */

static void fulfilled(txMachine* the)
{
}

static void rejected(txMachine* the)
{
	moteExitCode = EXIT_FAILED;
	mxPushSlot(mxArgv(0));
	reportException(the);
	mxPop();
}

static void importModule(txMachine* the, const char* name)
{
	fxBeginHost(the);
	mxTry(the) {
		txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
		mxPushStringC((txString)name);
		fxRunImport(the, realm, XS_NO_ID);
		mxDub();
		mxGetID(mxID(_then));
		mxCall();
		fxNewHostFunction(the, fulfilled, 1, XS_NO_ID, XS_NO_ID);
		fxNewHostFunction(the, rejected, 1, XS_NO_ID, XS_NO_ID);
		mxRunCount(2);
		mxPop();
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
	while (the->promiseJobs) {
		the->promiseJobs = 0;
		fxRunPromiseJobs(the);
	}
	fxEndJob(the);
	fxCheckUnhandledRejections(the, 1);
}

static void importModules(txMachine* the, int preload)
{
	int i;
	for (i = 0; i < moteModuleCount() && moteExitCode == EXIT_OK; i++)
		if (moteModuleAt(i)->preload == preload)
			importModule(the, moteModuleAt(i)->name);
}

static txCreation* cloneCreation(void)
{
	if (isRoomy)
		return &roomy;
	return staticBytes ? &capped : &board;
}

static txMachine* openMachine(txMachine* root)
{
	txMachine* the = root
		? fxCloneMachine(cloneCreation(), root, "mote", NULL)
		: fxCreateMachine(&roomy, "mote", NULL, XS_NO_ID);
	if (!the) {
		fprintf(stderr, "XS: no machine\n");
		exit(EXIT_MEMORY_FULL);
	}
	return the;
}

/* What a machine's slots and chunks take after a collection. */
static long heapBytes(txMachine* the)
{
	fxCollectGarbage(the);
	return (long)the->currentHeapCount * (long)sizeof(txSlot) + (long)the->currentChunksSize;
}

static int run(int verbose)
{
	MoteShare share;
	txMachine* the = openMachine(NULL);
	long empty = heapBytes(the);
	importModules(the, 1);
	motePreloadedBytes = heapBytes(the) - empty;
	if (moteExitCode != EXIT_OK)
		return moteExitCode;
	moteFreeze(the, &share, verbose);
	if (verbose)
		fprintf(stderr, "shared: %d frozen, %d writable instances, %d writable bindings\n",
			share.frozenInstances, share.writableInstances, share.writableBindings);
	fxShareMachine(the);
	moteDetach(the);
	the = openMachine(the);
	fxBeginHost(the);
	moteDefineGlobals(the);
	fxEndHost(the);
	importModules(the, 0);
	return moteExitCode;
}

int main(int argc, char* argv[])
{
	int verbose = 0, i;
	const char* pack = NULL;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--static") && i + 1 < argc)
			staticBytes = strtol(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--chunks") && i + 1 < argc)
			capped.initialChunkSize = strtol(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--slots") && i + 1 < argc)
			capped.initialHeapCount = strtol(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--stack") && i + 1 < argc)
			board.stackCount = capped.stackCount = strtol(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--roomy"))
			isRoomy = 1;
		else if (!strcmp(argv[i], "--verbose"))
			verbose = 1;
		else if (argv[i][0] != '-' && !pack)
			pack = argv[i];
		else {
			pack = NULL;
			break;
		}
	}
	if (!pack || staticBytes < 0) {
		fprintf(stderr, "mote-xs [--roomy | --static <bytes>] [--stack <slots>] [--verbose] <pack>\n");
		return EXIT_USAGE;
	}
	if (!moteReadPack(pack))
		return EXIT_USAGE;
	return run(verbose);
}
