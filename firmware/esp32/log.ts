/** Lines for people: on the serial port in a release build, in the debugger's log in a debug build. */

import type Native from 'mc/ffi';

export class BoardLog {
  private readonly native: Native;

  constructor(native: Native) {
    this.native = native;
  }

  line(text: string): void {
    trace(`${text}\n`);
    this.native.esp_rom_printf(`${text.split('%').join('%%')}\r\n`);
  }
}
