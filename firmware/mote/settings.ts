/**
 * The board's settings, for commands and for the portal (`SettingsDoor`). What was found under the
 * old settings is forgotten before new ones are saved, so that a power cut in between costs only
 * another search.
 */

import { readRules } from '../alarms/rule-reader.ts';
import type { Deadlines } from '../base/deadlines.ts';
import { changeBetween, mayCrash } from '../config/desired.ts';
import {
  DEFAULTS,
  FIELDS,
  type FieldName,
  type FieldProblem,
  type Settings,
} from '../config/fields.ts';
import {
  credentialsApart,
  isProvisioned,
  type ParsedSettings,
  parseSettings,
} from '../config/settings.ts';
import type { ConfigStore } from '../config/store.ts';
import { formatValue, readableBytesMax } from '../config/values.ts';
import type { DeviceConfig } from '../device/config.ts';
import { deviceConfig } from '../device/settings.ts';
import type { FormFields } from '../provisioning/model.ts';
import type { SettingsDoor } from '../provisioning/portal/doors.ts';
import { readChanges } from '../telemetry/on-change.ts';
import { certificateProblems } from './certificates.ts';
import { boardProblems } from './pin-check.ts';
import type { MoteMake, MotePorts } from './ports.ts';
import type { MoteMemory } from './saved-values.ts';
import { BoardTimer } from './timers.ts';

const NOTHING: Uint8Array = new Uint8Array(0);
/** A commanded interval is written this often at most, because flash wears. */
const KEEP_MS = 600_000;
const NEVER = Number.POSITIVE_INFINITY;
const NOT_STORED = 'the settings could not be stored';

export class MoteSettings implements SettingsDoor<Settings> {
  current: Settings;
  /** What was saved last may have to be taken back: it is changed in its place. */
  isOnTrial = false;
  private keptAt = Number.NEGATIVE_INFINITY;
  private readonly store: ConfigStore;
  private readonly memory: MoteMemory;
  private readonly board: Pick<MotePorts, 'pins' | 'scram'>;
  private readonly deadlines: Deadlines;

  /** @param deadlines `BoardTimer.settings`: when `wake` is due */
  constructor(
    store: ConfigStore,
    memory: MoteMemory,
    board: Pick<MotePorts, 'pins' | 'scram'>,
    deadlines: Deadlines,
  ) {
    this.deadlines = deadlines;
    this.store = store;
    this.memory = memory;
    this.board = board;
    this.current = store.load() ?? DEFAULTS;
  }

  get exists(): boolean {
    return isProvisioned(this.current);
  }

  /** What they mean for a device of this board. @param boot its number */
  configOf(settings: Settings, make: MoteMake, mac: Uint8Array, boot: number): DeviceConfig {
    const { firmwareVersion, config } = make;
    const { version, will } = this.memory;
    const plain = deviceConfig(settings, { mac, firmwareVersion, boot });
    const { host, port } = plain.broker;
    const announced = this.memory.announcedAt(`${host}:${port}`);
    return {
      ...plain,
      model: this.board.pins.model,
      rememberedVersion: version,
      rememberedSession: this.memory.hasSession,
      rememberedWill: will,
      // What Home Assistant was told of, it is told to forget when that is turned off.
      discovery: settings.homeAssistant ? 'on' : announced === '' ? 'off' : 'remove',
      announced,
      ...config,
    };
  }

  apart(form: FormFields): FormFields {
    return credentialsApart(form);
  }

  /** Reads a form as `config/` does, and refuses what this board cannot do: sensors, pins, TLS. */
  parse(form: FormFields, base: Settings): ParsedSettings {
    const parsed = parseSettings(form, base);
    const { sensors, sda, scl, ledPin, buttonPin, ca, certificate, key } = base;
    const { user, password, version, signIn, alarms, onChange, spread } = base;
    const pins = boardProblems(parsed.settings, this.board.pins);
    const identity = certificateProblems(parsed.settings, base);
    const rules = ruleProblems(parsed.settings);
    const signIns = this.signInProblems(parsed.settings, base);
    const settings = {
      ...parsed.settings,
      ...(signIns.length > 0 && { user, password, version, signIn }),
      ...(pins.length > 0 && { sensors, sda, scl, ledPin, buttonPin, spread }),
      ...(identity.length > 0 && { ca, certificate, key }),
      ...(rules.length > 0 && { alarms, onChange }),
    };
    const own = [...signIns, ...pins, ...identity, ...rules];
    return { settings, problems: [...parsed.problems, ...own] };
  }

  /** Settings that are saved already are not judged again: a connection tells what is wrong. */
  private signInProblems(settings: Settings, base: Settings): FieldProblem[] {
    const isNew = settings.signIn === 'scram' && base.signIn !== 'scram';
    if (!isNew || this.board.scram !== undefined) return [];
    return [{ field: 'signIn', code: 'not in this firmware' }];
  }

  value(settings: Settings, name: string): Uint8Array {
    const field = fieldOf(name);
    return field === undefined ? NOTHING : formatValue(settings, field.name);
  }

  shownBytesMax(name: string): number {
    const field = fieldOf(name);
    return field === undefined ? 0 : readableBytesMax(field);
  }

  isSecret(name: string): boolean {
    return fieldOf(name)?.isSecret === true;
  }

  hasSecret(settings: Settings, name: string): boolean {
    return this.isSecret(name) && (settings[name as FieldName] as string | Uint8Array).length > 0;
  }

  ssid(settings: Settings): Uint8Array {
    return settings.ssid;
  }

  save(settings: Settings): void {
    this.deadlines.set(BoardTimer.settings, NEVER);
    this.leaveFor(settings);
    this.memory.forgetFindings();
    this.store.save(settings);
    this.current = settings;
  }

  /**
   * As `save`, for settings from afar: nobody has looked at the board, so a sensor that is dead just
   * now keeps its place unless pins or sensors change.
   */
  saveFromAfar(settings: Settings): void {
    const before = this.current;
    this.deadlines.set(BoardTimer.settings, NEVER);
    this.leaveFor(settings);
    if (mayCrash(before, settings)) this.memory.forgetSensors();
    if (changeBetween(before, settings) === 'trial') this.memory.forgetBroker();
    this.store.save(settings);
    this.current = settings;
  }

  /** What was told at a broker, or below a topic, counts for no other. */
  private leaveFor({ host, port, baseTopic }: Settings): void {
    const { current } = this;
    const isSame = host === current.host && port === current.port;
    if (!isSame || baseTopic !== current.baseTopic) this.memory.leavePlace();
  }

  /** Keeps settings that are to be tried; those that are saved still count. @throws as `save` */
  stage(settings: Settings): void {
    this.store.stage(settings);
  }

  /** The settings that are to be tried; undefined for none. */
  staged(): Settings | undefined {
    return this.store.staged();
  }

  /** The settings from before the last `save`; undefined for none. */
  before(): Settings | undefined {
    return this.store.before();
  }

  /** The settings from before the last `save` count again. @returns whether there were any */
  goBack(): boolean {
    if (!this.store.goBack()) return false;
    this.deadlines.set(BoardTimer.settings, NEVER);
    this.memory.forgetFindings();
    this.current = this.store.load() ?? DEFAULTS;
    return true;
  }

  erase(): void {
    this.deadlines.set(BoardTimer.settings, NEVER);
    this.memory.forgetFindings();
    this.memory.erased();
    this.store.erase();
    // In a store that was full there is room for it only now.
    this.memory.erased();
    this.current = DEFAULTS;
  }

  /**
   * For a command: written at once, or by `wake` where one was written a short while ago.
   * @returns what prevented it, in words; empty when it is done or under way
   */
  keepInterval(intervalS: number, now: number): string {
    // Behind a factory reset there is nothing to keep it in.
    if (!this.exists) return '';
    this.current = { ...this.current, intervalS };
    const dueAt = Math.max(now, this.keptAt + KEEP_MS);
    this.deadlines.set(BoardTimer.settings, dueAt);
    return now < dueAt ? '' : this.write(now);
  }

  /** Writes what was put off, and puts it off again where that fails: it was promised. */
  wake(now: number): void {
    if (now < this.deadlines.at[BoardTimer.settings] || this.write(now) === '') return;
    this.deadlines.set(BoardTimer.settings, now + KEEP_MS);
  }

  private write(now: number): string {
    this.deadlines.set(BoardTimer.settings, NEVER);
    return wordsOf(() => {
      if (this.isOnTrial) this.store.amend(this.current);
      else if (!this.store.save(this.current)) return;
      this.keptAt = now;
    });
  }

  /** Writes what was put off: the board is about to leave. */
  flush(): void {
    const dueAt = this.deadlines.at[BoardTimer.settings];
    if (dueAt < NEVER) this.wake(dueAt);
  }

  /** For a command. @returns as above */
  forget(): string {
    return wordsOf(() => this.erase());
  }
}

/** The first rule that cannot be read: its number and its word, and what could stand there. */
function ruleProblems({ alarms, onChange }: Settings): FieldProblem[] {
  const code = 'rule';
  const problems: FieldProblem[] = [];
  const { problem } = readRules(alarms);
  if (problem !== undefined) {
    const { rule, word, known } = problem;
    problems.push({ field: 'alarms', code, what: `${rule}: ${word === '' ? '…' : word}`, known });
  }
  const { what, known } = readChanges(onChange);
  if (what !== '') problems.push({ field: 'onChange', code, what, known });
  return problems;
}

function wordsOf(change: () => void): string {
  try {
    change();
    return '';
  } catch {
    return NOT_STORED;
  }
}

function fieldOf(name: string): (typeof FIELDS)[number] | undefined {
  return FIELDS.find((field) => field.name === name);
}
