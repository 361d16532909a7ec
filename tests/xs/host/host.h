/* What the files of the host share. See host.c for what the program does. */
#ifndef MOTE_XS_HOST
#define MOTE_XS_HOST

#include "xsAll.h"
#include "xsScript.h"

/* Exit codes: a test tells "does not fit" from "is wrong". */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_MEMORY_FULL = 70,
	EXIT_STACK_OVERFLOW = 71,
	EXIT_KEYS_FULL = 72,
	EXIT_ABORTED = 73
};

/* One module of the pack: its name is its path, `preload` puts it into the shared machine. */
typedef struct {
	char* name;
	char* source;
	size_t sourceBytes;
	int preload;
	int codeBytes;
	int nameBytes;
} MoteModule;

/* modules.c */
int moteReadPack(const char* path);
int moteModuleCount(void);
MoteModule* moteModuleAt(int index);

/* share.c: makes a machine read-only as the board's linker does; how much stayed writable. */
typedef struct {
	int frozenInstances;
	int writableInstances;
	int writableBindings;
} MoteShare;
void moteFreeze(txMachine* the, MoteShare* share, int verbose);
void moteDetach(txMachine* the);

/* A function that scripts see. */
typedef struct {
	const char* name;
	txCallback callback;
	txInteger length;
} MoteFunction;

/* probe.c: what scripts see. */
void moteDefineGlobals(txMachine* the);
void moteDefineObject(txMachine* the, const char* name, const MoteFunction* functions, size_t count);

/* flash.c: the partition that scripts see. */
void moteDefineFlash(txMachine* the);

/* rom.c: native functions of the board that scripts see. */
void moteDefineRom(txMachine* the);

/* host.c */
extern int moteExitCode;
/* Slots and chunks that the P modules hold beside their code: on the board they are flash. */
extern long motePreloadedBytes;

#endif
