/**
 * The live view as a pure function: a model, the size of the terminal and the time in, lines out.
 *
 * One board is shown with all its values, a fleet as a table: the boards that are not online come
 * first, then the others by id, as many as fit. No line is longer than the terminal is wide and
 * there are never more lines than rows.
 */
import { type Board, type FleetModel, totals, type Value } from './model.ts';
import { cut, duration, type Palette, printable, sparkline } from './text.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly palette: Palette;
}

const TABLE_ROWS_MAX = 12;
const STATE_COLUMNS = 12;
const VALUE_NAME_COLUMNS = 14;
const VALUE_COLUMNS = 12;

/** @param nowMs on the same clock as `model.startedAtMs`. */
export function render(model: FleetModel, screen: Screen, nowMs: number): string[] {
  const { palette, columns, rows } = screen;
  const lines = [heading(model, palette, nowMs), ''];
  const foot = [counts(model, palette), ...notes(model, palette), hints(model, palette)];
  const room = Math.max(1, rows - lines.length - foot.length - 3);
  if (model.boards.length === 1) lines.push(...values(model.boards[0], palette, columns));
  else lines.push(...table(model.boards, palette, Math.min(TABLE_ROWS_MAX, room)));
  lines.push('', ...foot);
  return lines.slice(0, Math.max(1, rows - 1)).map((line) => cut(line, columns));
}

function heading(model: FleetModel, palette: Palette, nowMs: number): string {
  const up = palette.dim(`up ${duration(nowMs - model.startedAtMs)}`);
  return [palette.bold(model.id), condition(model, palette), up, model.broker].join('  ');
}

function condition(model: FleetModel, palette: Palette): string {
  const { boards, phase } = model;
  if (phase === 'leaving') return palette.warn('saying goodbye');
  if (phase === 'over') return 'stopped';
  const online = boards.filter((board) => board.online);
  const versions = [...new Set(online.map((board) => board.version))].sort();
  const mqtt = versions.length === 0 ? '' : ` · MQTT ${versions.join(' and ')}`;
  if (boards.length === 1) {
    const [board] = boards;
    return board.online ? `${palette.good(board.state)}${mqtt}` : palette.warn(board.state);
  }
  const text = `${online.length} of ${boards.length} online`;
  return `${online.length === boards.length ? palette.good(text) : palette.warn(text)}${mqtt}`;
}

function values(board: Board, palette: Palette, columns: number): string[] {
  if (board.setUp !== undefined) {
    const { url, hint } = board.setUp;
    return [`  set-up page   ${palette.bold(url)}`, palette.dim(`  ${hint}`)];
  }
  if (board.values.length === 0) return [palette.dim('  no values yet')];
  const longest = Math.max(...board.values.map(({ name }) => name.length));
  const nameColumns = Math.max(VALUE_NAME_COLUMNS, longest + 1);
  return board.values.map((value, index) => {
    const name = palette.dim(printable(value.name).padEnd(nameColumns));
    const text = show(value).padEnd(VALUE_COLUMNS);
    const room = columns - nameColumns - VALUE_COLUMNS - 4;
    const curve = index === 0 && room > 0 ? curveOf(board, room) : '';
    return `  ${name}${text}${palette.good(curve)}`.trimEnd();
  });
}

/** Ten steps of the sensor's resolution fill the height: less is shown as a flat line. */
function curveOf(board: Board, room: number): string {
  return sparkline(board.history.slice(-room), 10 ** (1 - board.values[0].decimals));
}

function table(boards: readonly Board[], palette: Palette, rows: number): string[] {
  const ordered = [...boards].sort((a, b) => Number(a.online) - Number(b.online));
  const width = Math.max(...boards.map((board) => board.id.length));
  const shown = ordered.slice(0, rows).map((board) => row(board, width, palette));
  const rest = boards.length - shown.length;
  return rest > 0 ? [...shown, palette.dim(`  and ${rest} more`)] : shown;
}

function row(board: Board, width: number, palette: Palette): string {
  const id = board.id.padEnd(width);
  const padded = board.state.padEnd(STATE_COLUMNS);
  const state = board.online ? palette.good(padded) : palette.warn(padded);
  const sent = `${board.counters.acknowledged}`.padStart(8);
  const last = board.online || board.reason === '' ? list(board.values) : printable(board.reason);
  return `  ${id} ${state}${sent}  ${palette.dim(last)}`;
}

function counts(model: FleetModel, palette: Palette): string {
  const { accepted, published, acknowledged, dropped, reconnects, waiting } = totals(model.boards);
  const figures: [string, number][] = [
    ['accepted', accepted],
    ['published', published],
    ['acknowledged', acknowledged],
    ['waiting', waiting],
    ['dropped', dropped],
    ['reconnects', reconnects],
  ];
  const parts = figures.map(([name, value]) => {
    const text = `${palette.dim(name)} ${value}`;
    return name === 'dropped' && value > 0 ? palette.warn(`${name} ${value}`) : text;
  });
  return `  ${parts.join('  ')}`;
}

function notes(model: FleetModel, palette: Palette): string[] {
  return model.problem === '' ? [] : [palette.warn(`  ${printable(model.problem)}`)];
}

function hints(model: FleetModel, palette: Palette): string {
  const watch = model.watch === '' ? '' : `watch: ${model.watch}`;
  const button = model.hasButton ? 'b, B press the button   ' : '';
  const keys = model.phase === 'over' ? '' : `q stops   ${button}`;
  return palette.dim(`  ${keys}${watch}`.trimEnd());
}

/** As people read a value: 21.40 °C. */
export function show({ value, decimals, unit }: Value): string {
  return `${value.toFixed(decimals)} ${printable(unit)}`.trimEnd();
}

/** temperature 21.40 °C, humidity 44.1 % */
export function list(values: readonly Value[]): string {
  return values.map((value) => `${printable(value.name)} ${show(value)}`).join(', ');
}
