/*
 * The ROM's CRC-32 of a part of a buffer. The SDK's FFI hands over where a buffer begins and no
 * more, so that ESP-IDF's function alone would read every buffer from its first byte.
 */
#include <stdint.h>
#include "esp_rom_crc.h"

uint32_t mote_crc32(uint8_t* bytes, uint32_t offset, uint32_t count)
{
	return esp_rom_crc32_le(0, bytes + offset, count);
}
