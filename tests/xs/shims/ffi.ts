/** The module that the SDK makes of `ffi` in manifest.json, with what drivers in XS call of it. */

export default class Native {
  readonly mote_crc32 = rom.crc32;
}
