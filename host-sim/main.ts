/**
 * `npm start`: simulated boards, live, against an embedded broker or a real one.
 *
 * Exit codes: 0 done or stopped by Ctrl-C, 1 failed, 2 bad options or files, 130 stopped at once.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { Refusal } from './cli/arguments.ts';
import { type BrokerAddress, showBroker } from './cli/broker-url.ts';
import { onInterrupt } from './cli/interrupt.ts';
import { type Options, parseOptions } from './cli/options.ts';
import { deviceIds, Fleet, type FleetPlan, newBoard, type Target } from './fleet/fleet.ts';
import { nameOf } from './fleet/member.ts';
import { settingsOf } from './fleet/provision.ts';
import { type EmbeddedBroker, startBroker } from './live/broker.ts';
import { openInBrowser } from './live/browser.ts';
import { CredentialProblem, readCredentials } from './live/credentials.ts';
import { FlashProblem } from './live/flash.ts';
import { CTRL_C, listenToKeys } from './live/keys.ts';
import type { TlsIdentity } from './live/network.ts';
import { State } from './live/state.ts';
import { startTimeServer } from './live/time-server.ts';
import { readVersioned } from './settings/document.ts';
import { JsonView } from './view/json-view.ts';
import { LiveView } from './view/live-view.ts';
import { type FleetModel, totals, type View } from './view/model.ts';
import { Output } from './view/output.ts';
import { PlainView } from './view/plain-view.ts';
import { palette } from './view/text.ts';

const EXIT = Object.freeze({ done: 0, failed: 1, usage: 2 });
/** What may hold the process after its work is done: a socket whose peer does not close. */
const LINGER_MS = 3000;
/** The button, pressed and held: a factory reset takes five seconds. */
const PRESS_MS = 1000;
const HOLD_MS = 6000;

/** Resolves to the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  // Whoever does not read any more ends the run (see `Output`); what is written then is nobody's.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const parsed = parseOptions(argv);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(parsed.text);
      return EXIT.done;
    case 'version':
      process.stdout.write(`${packageVersion()}\n`);
      return EXIT.done;
    case 'problem':
      complain(parsed.line);
      return EXIT.usage;
    case 'run':
      return prepare(parsed.options);
  }
}

async function prepare(options: Options): Promise<number> {
  let identity: TlsIdentity;
  try {
    identity = readCredentials(options);
  } catch (error) {
    if (!(error instanceof CredentialProblem)) throw error;
    complain(error.message);
    return EXIT.usage;
  }
  let state: State | undefined;
  try {
    state = new State(options.state);
    return await connect(options, identity, state);
  } catch (error) {
    const isRefused = error instanceof Refusal;
    if (!isRefused && !(error instanceof FlashProblem)) throw error;
    complain(isRefused ? error.message : `--state: ${error.message}`);
    return EXIT.usage;
  } finally {
    state?.close();
  }
}

/** Runs against the broker that was named, or against one of our own. */
async function connect(options: Options, identity: TlsIdentity, state: State): Promise<number> {
  if (options.broker !== undefined) return run(options, options.broker, identity, state);
  const { user, password = '', desired } = options;
  const document = desired === undefined ? undefined : readVersioned('--desired', desired);
  const login = user === '' ? undefined : { user, password };
  const embedded = await startBroker(login, state.brokerPort);
  state.brokerPort = embedded.port;
  const { host, port } = embedded;
  const broker: BrokerAddress = { scheme: 'mqtt', host, port, path: '' };
  // Everything that such a board needs of the world is here: the time, too, is asked for.
  const time = await startTimeServer();
  const timeServer = options.timeServer ?? time;
  const own = { embedded, document };
  try {
    return await run({ ...options, timeServer }, broker, identity, state, own);
  } finally {
    time.close();
    await embedded.close();
  }
}

/** A broker of our own, and the settings from afar that it keeps for each board. */
interface OwnBroker {
  readonly embedded: EmbeddedBroker;
  readonly document: string | undefined;
}

async function run(
  options: Options,
  broker: BrokerAddress,
  identity: TlsIdentity,
  state: State,
  own?: OwnBroker,
): Promise<number> {
  const model = newModel(options, broker, own?.embedded);
  const end = endOf();
  const out = new Output(process.stdout, () => end.reach(EXIT.done));
  const view = newView(options, model, out);
  const plan = planOf(options, broker, identity, state, own !== undefined);
  // What cannot be saved is told before anything starts.
  plan.settingsOf?.(model.boards[0].id);
  // Of a fleet the banner names what all were told.
  const isAlone = options.devices === 1;
  const targeted = (target: Target): void => {
    if (isAlone) retarget(model, view, target);
  };
  const worksFirst = ({ baseTopic }: Target): void => {
    if (own?.document !== undefined) own.embedded.retain(`${baseTopic}/desired`, own.document);
  };
  let finalLine = '';
  const fleet = new Fleet({ ...plan, targeted, worksFirst }, model.boards, view, {
    note: (line) => view.problem(line),
    final: (line) => {
      finalLine = line;
      end.reach(EXIT.failed);
    },
  });
  // A board that is set up on its page works with the broker that it is set up for.
  if (!isAlone || !plan.hasOwnSettings) view.brokerNamed();
  const release = listenForEnd(options, end);
  const releaseButton = listenForButton(options, view, fleet);
  fleet.start();
  const reached = await end.reached;
  model.phase = 'leaving';
  await fleet.stop();
  release();
  releaseButton();
  model.phase = 'over';
  // With a slow reader the summary must not be what is left out.
  await out.drained();
  view.finished();
  await out.drained();
  if (out.leftOut > 0) complain(`${out.leftOut} lines were left out: the reader was too slow`);
  const isExpected = !options.unprovisioned;
  const never = isExpected && reached === EXIT.done && end.timeIsUp && !fleet.everConnected;
  if (never) finalLine = `${plan.brokerName}: never connected${because(fleet.lastProblem)}`;
  const { waiting } = totals(model.boards);
  if (finalLine !== '') complain(finalLine);
  else if (waiting > 0 && state.isTemporary) complain(lost(waiting));
  return never ? EXIT.failed : reached;
}

function planOf(
  options: Options,
  broker: BrokerAddress,
  identity: TlsIdentity,
  state: State,
  embedded: boolean,
): Omit<FleetPlan, 'targeted' | 'worksFirst'> {
  const { provisioned, unprovisioned } = options;
  const told = { ...options, broker, identity };
  return {
    broker,
    brokerName: showBroker(broker),
    user: options.user,
    password: options.password,
    signIn: options.signIn,
    identity,
    timeServer: options.timeServer,
    // The embedded broker refuses 5.0: asking for it first would only cost a connection.
    version: options.mqtt ?? (embedded ? 4 : 'auto'),
    intervalMs: options.intervalMs,
    firmwareVersion: packageVersion(),
    state,
    sensors: options.sensors,
    hasOwnSettings: provisioned || unprovisioned,
    settingsOf: provisioned ? (id) => settingsOf(told, id) : undefined,
    alarms: options.alarms,
    sampleMs: options.sampleMs,
    spread: options.spread,
    onChange: options.onChange,
    silenceMs: options.silenceMs,
    homeAssistant: options.homeAssistant,
    showsPackets: options.packets,
    setupPort: options.setupPort,
    buttonMs: options.buttonMs,
    opened: options.open ? openInBrowser : () => {},
  };
}

function because(problem: string): string {
  return problem === '' ? '' : `: ${problem}`;
}

/** What a run without `--state` owes its user. */
function lost(waiting: number): string {
  const readings = waiting === 1 ? '1 reading' : `${waiting} readings`;
  return `not delivered and now gone: ${readings}; --state DIR keeps what waits`;
}

/** The run's end: whatever comes first decides the exit code. */
interface End {
  readonly reached: Promise<number>;
  reach(code: number): void;
  timeIsUp: boolean;
}

function endOf(): End {
  let resolveReached: (code: number) => void = () => {};
  const reached = new Promise<number>((resolve) => {
    resolveReached = resolve;
  });
  return { reached, reach: (code) => resolveReached(code), timeIsUp: false };
}

/** Returns what takes the listeners back. */
function listenForEnd(options: Options, end: End): () => void {
  const onTime = (): void => {
    end.timeIsUp = true;
    end.reach(EXIT.done);
  };
  const { durationMs } = options;
  const timer = Number.isFinite(durationMs) ? setTimeout(onTime, durationMs) : undefined;
  const release = onInterrupt(() => end.reach(EXIT.done));
  return () => {
    clearTimeout(timer);
    release();
  };
}

/** Keys where there is a live view, and a signal where there is a button. As above. */
function listenForButton(options: Options, view: View, fleet: Fleet): () => void {
  const press = (ms: number): void => {
    if (options.unprovisioned || options.provisioned) fleet.press(ms);
  };
  const onKey = (key: string): void => {
    if (key === 'q' || key === CTRL_C) process.kill(process.pid, 'SIGINT');
    else if (key === 'b') press(PRESS_MS);
    else if (key === 'B') press(HOLD_MS);
  };
  const onSignal = (): void => press(PRESS_MS);
  const isLive = view instanceof LiveView;
  const release = isLive ? listenToKeys(process.stdin, onKey) : () => {};
  process.on('SIGUSR2', onSignal);
  return () => {
    release();
    process.off('SIGUSR2', onSignal);
  };
}

function newModel(
  options: Options,
  broker: BrokerAddress,
  embedded: EmbeddedBroker | undefined,
): FleetModel {
  const id = options.id ?? hostId();
  const also = embedded === undefined ? '' : ` and ws://${embedded.host}:${embedded.webSocketPort}`;
  return {
    id,
    hasButton: options.unprovisioned || options.provisioned,
    broker: `${showBroker(broker)}${also}`,
    watch: watchOf({ broker, user: options.user, baseTopic: 'mote' }),
    boards: deviceIds(id, options.devices).map(newBoard),
    startedAtMs: performance.now(),
    problem: '',
    phase: 'running',
  };
}

function watchOf({ broker, user, baseTopic }: Target): string {
  if (broker.scheme !== 'mqtt' || user !== '') return '';
  return `mosquitto_sub -h ${broker.host} -p ${broker.port} -t '${baseTopic}/#' -v`;
}

/** What the banner names is where the board publishes. */
function retarget(model: FleetModel, view: View, target: Target): void {
  const name = showBroker(target.broker);
  // The one of our own has its other addresses behind it.
  if (!model.broker.startsWith(`${name} `)) model.broker = name;
  model.watch = watchOf(target);
  model.id = nameOf(target.baseTopic);
  view.brokerNamed();
}

function newView(options: Options, model: FleetModel, out: Output): View {
  const err = { write: complain };
  if (options.json) return new JsonView(model, out, err, options.quiet);
  const isTerminal = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
  const live = isTerminal && !options.quiet && !options.packets;
  if (!live) return new PlainView(model, out, err, options.quiet);
  return new LiveView(model, process.stdout, palette((process.env.NO_COLOR ?? '') === ''));
}

/** The same on each run here, so that a broker does not fill up with devices that are gone. */
function hostId(): string {
  const seed = `${hostname()} ${userInfo().username}`;
  return `sim-${createHash('sha256').update(seed).digest('hex').slice(0, 6)}`;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function complain(line: string): void {
  process.stderr.write(`mote: ${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();
