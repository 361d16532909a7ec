/*
 * The firmware's native functions for scripts, as the SDK's FFI hands them over: the global `rom`
 * has `crc32(buffer, offset, count)`, which is mote_crc32 of firmware/esp32/crc32.c. What that calls
 * of the chip's ROM is here.
 */
#include "host.h"
#include "esp_rom_crc.h"

extern uint32_t mote_crc32(uint8_t* bytes, uint32_t offset, uint32_t count);

/* CRC-32 of IEEE 802.3; `crc` is that of what comes before, 0 for nothing. */
uint32_t esp_rom_crc32_le(uint32_t crc, uint8_t const* buf, uint32_t len)
{
	int bit;
	crc = ~crc;
	while (len--) {
		crc ^= *buf++;
		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

static void crc32(txMachine* the)
{
	txSlot* buffer;
	txUnsigned offset, count;
	if (mxArgc < 3)
		mxTypeError("crc32: a buffer, an offset and a count");
	fxToArrayBuffer(the, mxArgv(0));
	buffer = mxArgv(0)->value.reference->next;
	offset = fxToUnsigned(the, mxArgv(1));
	count = fxToUnsigned(the, mxArgv(2));
	/* The board reads on. */
	if (offset + count > (txUnsigned)buffer->next->value.bufferInfo.length)
		mxRangeError("crc32: outside of the buffer");
	fxUnsigned(the, mxResult, mote_crc32((uint8_t*)buffer->value.arrayBuffer.address, offset, count));
}

static const MoteFunction functions[] = {
	{ "crc32", crc32, 3 },
};

void moteDefineRom(txMachine* the)
{
	moteDefineObject(the, "rom", functions, sizeof(functions) / sizeof(functions[0]));
}
