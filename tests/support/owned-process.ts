/**
 * Child processes that never outlive the process which started them: not when it exits, and on
 * Linux not when it is killed either (setpriv sets the parent-death signal and then becomes the
 * program, so the process id is the program's own).
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { findTool, requireTool } from './available.ts';

const running = new Set<ChildProcessWithoutNullStreams>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts an installed program by its name. @throws Error when it is not installed. */
export function spawnOwned(name: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const program = requireTool(name);
  const setpriv = findTool('setpriv');
  const child =
    setpriv === undefined
      ? spawn(program, args)
      : spawn(setpriv, ['--pdeathsig', 'KILL', program, ...args]);
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.stdin.on('error', () => {});
  return child;
}

/** @returns whether the process is still there. */
export function isAlive(child: ChildProcessWithoutNullStreams): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/**
 * Sends a signal that ends the process and waits until it has ended.
 * @throws Error when it had to be killed after `timeoutMs`.
 */
export async function end(
  child: ChildProcessWithoutNullStreams,
  signal: 'SIGTERM' | 'SIGKILL',
  timeoutMs = 5000,
): Promise<void> {
  if (!isAlive(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let late = false;
  const guard = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  child.kill(signal);
  await ended;
  clearTimeout(guard);
  if (late) throw new Error(`process ${child.pid} ignored ${signal} for ${timeoutMs} ms`);
}
