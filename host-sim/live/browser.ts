/** Opens a page in the user's browser; where there is none, nothing happens: its address is shown. */

import { spawn } from 'node:child_process';

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = Object.freeze({
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
});

/** @param url of our own making: http, loopback */
export function openInBrowser(url: string): void {
  const [program, ...rest] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...rest, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
