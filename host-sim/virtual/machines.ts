/** The machines of the firmware whose states are data; see firmware/base/moves.ts. */

import { ALARM_MOVES } from '../../firmware/alarms/alarm-state.ts';
import { RuleAlarm } from '../../firmware/alarms/rule-alarm.ts';
import type { Moves } from '../../firmware/base/moves.ts';
import { Device } from '../../firmware/device/device.ts';
import { DEVICE_MOVES } from '../../firmware/device/device-state.ts';
import { LINK_MOVES } from '../../firmware/link/link-state.ts';
import { Supervisor } from '../../firmware/link/supervisor.ts';
import { Session } from '../../firmware/mqtt/session/session.ts';
import { SESSION_MOVES } from '../../firmware/mqtt/session/session-state.ts';
import { Portal } from '../../firmware/provisioning/portal/portal.ts';
import { PORTAL_MOVES } from '../../firmware/provisioning/portal/portal-state.ts';
import { type MachineClass, type StateField, watchMoves } from './watched-moves.ts';

export interface Machine {
  /** As ARCHITECTURE.md calls it. */
  readonly title: string;
  readonly machine: MachineClass;
  /** The property that holds its state. */
  readonly field: StateField;
  readonly moves: Moves;
}

export const MACHINES: readonly Machine[] = Object.freeze([
  { title: 'The link', machine: Supervisor, field: 'state', moves: LINK_MOVES },
  { title: 'The session', machine: Session, field: 'state', moves: SESSION_MOVES },
  { title: 'The device', machine: Device, field: 'phase', moves: DEVICE_MOVES },
  { title: 'An alarm', machine: RuleAlarm, field: 'state', moves: ALARM_MOVES },
  { title: 'The portal', machine: Portal, field: 'state', moves: PORTAL_MOVES },
]);

/** From now on a move that no table has ends whatever makes it, one without an input at the next. */
export function watchMachines(): void {
  for (const { machine, field, moves } of MACHINES) watchMoves(machine, field, moves, false);
}
