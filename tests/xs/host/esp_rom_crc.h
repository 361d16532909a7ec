/* ESP-IDF's header, with what the firmware calls of it; rom.c has the function. */
#ifndef MOTE_ESP_ROM_CRC
#define MOTE_ESP_ROM_CRC

#include <stdint.h>

uint32_t esp_rom_crc32_le(uint32_t crc, uint8_t const* buf, uint32_t len);

#endif
