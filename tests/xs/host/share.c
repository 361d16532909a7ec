/*
 * Makes everything a preloaded module leaves behind as read-only as the board's linker makes it,
 * before the machine is shared: functions, prototypes, module namespaces, environments, built-ins
 * and the contents of buffers and maps. Plain objects that the modules did not freeze stay
 * writable (the board keeps a RAM alias for each) and are counted; so are `let` bindings.
 *
 * Values that live in the shared machine's chunks become "X" values: a collection in the clone
 * must neither mark nor move them, just as it leaves flash alone.
 */
#include "host.h"

static void freezeInstance(txSlot* instance)
{
	txSlot* property;
	instance->flag |= XS_DONT_PATCH_FLAG;
	for (property = instance->next; property; property = property->next) {
		property->flag |= XS_DONT_DELETE_FLAG;
		if (property->kind != XS_ACCESSOR_KIND)
			property->flag |= XS_DONT_SET_FLAG;
	}
}

/* Whether the board's linker freezes this instance whatever the module did. */
static int isLinked(txSlot* instance)
{
	txSlot* first = instance->next;
	if (!first)
		return 0;
	switch (first->kind) {
	case XS_CALLBACK_KIND:
	case XS_CALLBACK_X_KIND:
	case XS_CODE_KIND:
	case XS_CODE_X_KIND:
	case XS_MODULE_KIND:
	case XS_CLOSURE_KIND:
	case XS_ARRAY_BUFFER_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_MAP_KIND:
	case XS_SET_KIND:
	case XS_REGEXP_KIND:
		return 1;
	default:
		return instance->flag & XS_EXOTIC_FLAG && first->ID == XS_ENVIRONMENT_BEHAVIOR;
	}
}

static void freezePrototype(txSlot* function)
{
	txSlot* property;
	for (property = function->next; property; property = property->next)
		if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND)
			freezeInstance(property->value.reference);
}

static void detach(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	default: break;
	}
}

static void detachItems(txMachine* the, txSlot* array)
{
	txSlot* item = array->value.array.address;
	txInteger length = item ? (txInteger)fxGetIndexSize(the, array) : 0;
	while (length-- > 0)
		detach(item++);
}

static int isFunction(txSlot* slot)
{
	return slot->kind == XS_REFERENCE_KIND && (slot->value.reference->flag & XS_CAN_CALL_FLAG);
}

/* A class or function declaration is never assigned again: constant, as the linker takes it. */
static int settleBinding(txMachine* the, txSlot* slot, int verbose)
{
	txSlot* closure = slot->value.closure;
	if (!closure || closure->flag & XS_DONT_SET_FLAG)
		return 0;
	if (isFunction(closure) || closure->kind == XS_UNINITIALIZED_KIND) {
		closure->flag |= XS_DONT_SET_FLAG;
		return 0;
	}
	if (verbose)
		fprintf(stderr, "no const: %s\n", slot->ID == XS_NO_ID ? "?" : fxGetKeyName(the, slot->ID));
	return 1;
}

static void freezeIntrinsics(txMachine* the)
{
	int i;
	for (i = mxInstanceInspectorsStackIndex + 1; i < mxEmptyCodeStackIndex; i++) {
		txSlot* slot = the->stackTop - 1 - i;
		if (slot->kind == XS_REFERENCE_KIND)
			freezeInstance(slot->value.reference);
	}
}

static void visit(txMachine* the, void (*visitor)(txMachine*, txSlot*, MoteShare*, int),
	MoteShare* share, int verbose)
{
	txSlot* heap;
	for (heap = the->firstHeap; heap; heap = heap->next) {
		txSlot* slot;
		for (slot = heap + 1; slot < heap->value.reference; slot++)
			visitor(the, slot, share, verbose);
	}
}

static void freezeSlot(txMachine* the, txSlot* slot, MoteShare* share, int verbose)
{
	if (slot->kind == XS_INSTANCE_KIND && isLinked(slot)) {
		freezeInstance(slot);
		freezePrototype(slot);
	}
}

static void detachSlot(txMachine* the, txSlot* slot, MoteShare* share, int verbose)
{
	if (slot->kind == XS_ARRAY_KIND)
		detachItems(the, slot);
	detach(slot);
}

static void countSlot(txMachine* the, txSlot* slot, MoteShare* share, int verbose)
{
	if (slot->kind == XS_CLOSURE_KIND)
		share->writableBindings += settleBinding(the, slot, verbose);
	else if (slot->kind == XS_INSTANCE_KIND && !(slot->flag & XS_DONT_PATCH_FLAG)) {
		share->writableInstances++;
		if (verbose) {
			txSlot* property = slot->next;
			fprintf(stderr, "not frozen:");
			for (; property; property = property->next)
				if (property->ID != XS_NO_ID && !(property->flag & XS_INTERNAL_FLAG))
					fprintf(stderr, " %s", fxGetKeyName(the, property->ID));
			fprintf(stderr, "\n");
		}
	}
	else if (slot->kind == XS_INSTANCE_KIND)
		share->frozenInstances++;
}

/* Before the machine is shared. */
void moteFreeze(txMachine* the, MoteShare* share, int verbose)
{
	memset(share, 0, sizeof(*share));
	fxCollectGarbage(the);
	freezeIntrinsics(the);
	visit(the, freezeSlot, share, verbose);
	visit(the, countSlot, share, verbose);
}

/* After it: sharing collects, and a collection would drop what "X" values point to. */
void moteDetach(txMachine* the)
{
	visit(the, detachSlot, NULL, 0);
}
