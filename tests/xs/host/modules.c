/*
 * Modules come from one file, the pack: for each a line "<P|D> <bytes> <name>", then its source.
 * P modules are preloaded (shared, frozen), D modules are the driver. Specifiers resolve against
 * the importing module's name, as they do on the board.
 *
 * After parsing, string and code instructions take their archived form: values point into the
 * code buffer, as they point into flash on the board, instead of being copied into the heap.
 */
#include "host.h"

#define MODULES_MAX 2048

static MoteModule modules[MODULES_MAX];
static int moduleCount = 0;

int moteModuleCount(void)
{
	return moduleCount;
}

MoteModule* moteModuleAt(int index)
{
	return &modules[index];
}

static MoteModule* findModule(const char* name)
{
	int i;
	for (i = 0; i < moduleCount; i++)
		if (!strcmp(modules[i].name, name))
			return &modules[i];
	return NULL;
}

/* Reads the pack; 0 and a line on stderr when it is not one. */
int moteReadPack(const char* path)
{
	char kind, name[1024];
	size_t bytes;
	FILE* file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "cannot open %s\n", path);
		return 0;
	}
	while (fscanf(file, "%c %zu %1023[^\n]", &kind, &bytes, name) == 3) {
		MoteModule* module = &modules[moduleCount];
		if (moduleCount == MODULES_MAX || fgetc(file) != '\n')
			break;
		module->name = strdup(name);
		module->source = malloc(bytes + 1);
		module->sourceBytes = bytes;
		module->preload = kind == 'P';
		if (!module->source || fread(module->source, 1, bytes, file) != bytes || fgetc(file) != '\n')
			break;
		module->source[bytes] = 0;
		moduleCount++;
	}
	if (!feof(file) || !moduleCount) {
		fprintf(stderr, "%s is not a module pack\n", path);
		moduleCount = 0;
	}
	fclose(file);
	return moduleCount;
}

/* Resolves "./" and "../" steps of `specifier` against the folder of `from`, into `path`. */
static int resolve(char* path, size_t size, const char* from, const char* specifier)
{
	char* slash;
	if (specifier[0] != '.') {
		snprintf(path, size, "%s", specifier);
		return 1;
	}
	snprintf(path, size, "%s", from);
	slash = strrchr(path, '/');
	*(slash ? slash : path) = 0;
	while (specifier[0] == '.') {
		if (!strncmp(specifier, "./", 2)) {
			specifier += 2;
		}
		else if (!strncmp(specifier, "../", 3)) {
			if (!path[0])
				return 0;
			slash = strrchr(path, '/');
			*(slash ? slash : path) = 0;
			specifier += 3;
		}
		else
			return 0;
	}
	if (strlen(path) + strlen(specifier) + 2 > size)
		return 0;
	if (path[0])
		strcat(path, "/");
	strcat(path, specifier);
	return 1;
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	char specifier[1024], path[1024];
	const char* from = moduleID == XS_NO_ID ? "" : fxGetKeyName(the, moduleID);
	fxToStringBuffer(the, slot, specifier, sizeof(specifier));
	if (!resolve(path, sizeof(path), from, specifier) || !findModule(path))
		return XS_NO_ID;
	return fxNewNameC(the, path);
}

/* The instruction that reads the same operand from where it lies, or the instruction itself. */
static txU1 archived(txU1 code)
{
	switch (code) {
	case XS_CODE_CODE_1: return XS_CODE_CODE_ARCHIVE_1;
	case XS_CODE_CODE_2: return XS_CODE_CODE_ARCHIVE_2;
	case XS_CODE_CODE_4: return XS_CODE_CODE_ARCHIVE_4;
	case XS_CODE_STRING_1: return XS_CODE_STRING_ARCHIVE_1;
	case XS_CODE_STRING_2: return XS_CODE_STRING_ARCHIVE_2;
	case XS_CODE_STRING_4: return XS_CODE_STRING_ARCHIVE_4;
	default: return code;
	}
}

static void archiveCode(txByte* code, txSize size)
{
	txByte* p = code;
	txByte* q = code + size;
	while (p < q) {
		txS1 length = gxCodeSizes[*(txU1*)p];
		*p = (txByte)archived(*(txU1*)p);
		if (length > 0)
			p += length;
		else if (length == 0)
			p += 1 + sizeof(txID);
		else if (length == -1)
			p += 2 + *(txU1*)(p + 1);
		else if (length == -2) {
			txU2 count;
			memcpy(&count, p + 1, sizeof(count));
			p += 3 + count;
		}
		else {
			txS4 count;
			memcpy(&count, p + 1, sizeof(count));
			p += 5 + count;
		}
	}
}

/* A getter of our own: XS's takes a char as signed and so cuts a source at its first byte 0xFF. */
typedef struct {
	const unsigned char* next;
	const unsigned char* end;
} Source;

static int nextByte(void* stream)
{
	Source* source = stream;
	return source->next < source->end ? *source->next++ : C_EOF;
}

static txScript* parseModule(txMachine* the, MoteModule* module)
{
	const unsigned char* text = (const unsigned char*)module->source;
	Source source = { text, text + module->sourceBytes };
	txParser parser;
	txParserJump jump;
	txScript* script = NULL;
	txString map = NULL;
#ifdef mxDebug
	txUnsigned flags = mxDebugFlag;
#else
	txUnsigned flags = 0;
#endif
	fxInitializeParser(&parser, the, the->parserBufferSize, the->parserTableModulo);
	parser.firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		parser.path = fxNewParserSymbol(&parser, module->name);
		fxParserTree(&parser, &source, nextByte, flags, &map);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fxTerminateParser(&parser);
	return script;
}

/*
 * Gives the script's names their ids in this machine. Done here, and the names dropped, because
 * the engine frees a script that still has names once its body has run, and the archived
 * instructions go on pointing into its code.
 */
static void bindNames(txMachine* the, txScript* script)
{
	txByte* p = script->symbolsBuffer;
	txID count, i;
	txID* ids;
	mxDecodeID(p, count);
	ids = malloc(count * sizeof(txID));
	if (!ids)
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
	ids[0] = XS_NO_ID;
	for (i = 1; i < count; i++) {
		ids[i] = fxNewNameC(the, (txString)p);
		p += strlen((char*)p) + 1;
	}
	fxRemapIDs(the, script->codeBuffer, script->codeSize, ids);
	free(ids);
	free(script->symbolsBuffer);
	script->symbolsBuffer = NULL;
}

void fxLoadModule(txMachine* the, txSlot* slot, txID moduleID)
{
	MoteModule* module = findModule(fxGetKeyName(the, moduleID));
	txScript* script = module ? parseModule(the, module) : NULL;
	if (!script)
		return;
	module->codeBytes = script->codeSize;
	module->nameBytes = script->symbolsSize;
	archiveCode(script->codeBuffer, script->codeSize);
	bindNames(the, script);
	fxResolveModule(the, slot, moduleID, script, C_NULL, C_NULL);
}
