/**
 * Lines for people.
 *
 * In a release build `trace` prints to the console, the serial port, which the SDK
 * switches off and `sdkconfig` on again; in a debug build it goes to the debugger's log. Whatever
 * else printed a line would print it twice.
 */

/** The engine's; declared here, so that a test reads this file without the engine's types. */
declare function trace(text: string): void;

export class BoardLog {
  line(text: string): void {
    trace(`${text}\n`);
  }
}
