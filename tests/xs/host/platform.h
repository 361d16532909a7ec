/*
 * What XS asks of a platform, answered for a small command-line host: no sockets, no timers, no
 * debugger, one thread. `mxCESU8` stays undefined on purpose: with it String.length would count
 * UTF-16 units, while the board counts code points.
 */
#ifndef MOTE_XS_PLATFORM
#define MOTE_XS_PLATFORM

#undef mxLinux
#define mxLinux 1
#undef mxLittleEndian
#define mxLittleEndian 1

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1
#define mxUseDefaultDebug 1

/* A host's machine: a bump arena when its memory is capped, and whether promise jobs wait. */
#define mxMachinePlatform \
	char* arenaLow; \
	char* arenaHigh; \
	char* arena; \
	int promiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

/* The board's key ids are 16 bits wide; a 64-bit machine has room for 32 and uses it. */
#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
#endif

#endif
