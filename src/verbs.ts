import type { Command } from 'commander';
import type { VerbDeps } from './commands/io.ts';
import { OWN_FAILURE } from './commands/own-failure.ts';
import { socketPath } from './lib/socket-path.ts';
import type { Config } from './model/config.ts';
import type { Capabilities } from './model/fitted.ts';
import type { ExecAsk } from './model/stream.ts';

/** What the verbs are wired from. */
export type Wiring = VerbDeps & {
  config: () => Promise<Config>;
  state: () => Promise<string>;
};

export type Verb = {
  name: string;
  aliases: string[];
  summary: string;
  group: string;
  /** Exit code of every failure of ours, where all others are those of somebody's command. */
  failsWith?: number;
  load: (wiring: Wiring) => Promise<Command>;
};

const verb =
  (group: string) =>
  (name: string, summary: string, load: Verb['load'], ...aliases: string[]) => ({
    group,
    name,
    summary,
    load,
    aliases,
  });
const run = verb('Run:');
const files = verb('Spec files, without a controller:');
const look = verb('Look:');
const enter = (...words: Parameters<typeof look>) => ({ ...verb('Enter:')(...words), failsWith: OWN_FAILURE });
const act = verb('Act:');
const setUp = verb('Set up:');

/** Every verb, in the order of the help. Modules are loaded when a verb is asked for, not before. */
export const verbs: Verb[] = [
  run('up', 'run the controller over folders of specs', async () =>
    (await import('./commands/up.ts')).upCommand({
      runUp: async (options) => (await import('./main.ts')).runUp(options),
    }),
  ),
  files('init', 'write a commented config and an example', async (wiring) =>
    (await import('./commands/init.ts')).initCommand(wiring),
  ),
  files('new', 'write a commented spec of five lines', async (wiring) =>
    (await import('./commands/new.ts')).newCommand(withSpecs(wiring)),
  ),
  files('import', 'write specs from a list of people', async (wiring) =>
    (await import('./commands/import.ts')).importCommand(withSpecs(wiring)),
  ),
  files('validate', 'check spec files', async (wiring) =>
    (await import('./commands/validate.ts')).validateCommand({
      ...withSpecs(wiring),
      ...withRevisions(wiring),
      accepted,
    }),
  ),
  files('schema', 'print the JSON schema, for editors', async (wiring) =>
    (await import('./commands/schema.ts')).schemaCommand(wiring),
  ),
  look(
    'get',
    'list workspaces, problems first',
    async (wiring) => (await import('./commands/get.ts')).getCommand(wiring),
    'ls',
    'status',
  ),
  look('describe', 'everything about one workspace', async (wiring) =>
    (await import('./commands/describe.ts')).describeCommand(wiring),
  ),
  look('why', 'why a workspace is as it is', async (wiring) => (await import('./commands/why.ts')).whyCommand(wiring)),
  look('events', 'what happened, oldest first', async (wiring) =>
    (await import('./commands/events.ts')).eventsCommand(wiring),
  ),
  look('plan', 'show what would change, and what that costs', async (wiring) =>
    (await import('./commands/plan.ts')).planCommand({
      ...{ ...withSpecs(wiring), ...withRevisions(wiring), accepted },
      foresee: await foresight(),
      statuses: async (stateDir) => (await import('./store/read-status.ts')).readStatuses(stateDir),
    }),
  ),
  look('idle', 'who is idle, and what says so', async (wiring) =>
    (await import('./commands/idle.ts')).idleCommand(wiring),
  ),
  look('top', 'what running workspaces use', async (wiring) => (await import('./commands/top.ts')).topCommand(wiring)),
  look('metrics', 'everything that is counted, for Prometheus', async (wiring) =>
    (await import('./commands/metrics.ts')).metricsCommand(wiring),
  ),
  look('wait', 'wait until workspaces are as asked', async (wiring) =>
    (await import('./commands/wait.ts')).waitCommand(wiring),
  ),
  look('version', 'versions of client, Node and controller', async (wiring) =>
    (await import('./commands/version.ts')).versionCommand(wiring),
  ),
  enter('exec', 'run a command in a workspace', async (wiring) =>
    (await import('./commands/exec.ts')).execCommand(withStreams(wiring)),
  ),
  enter('shell', 'open a shell in a workspace', async (wiring) =>
    (await import('./commands/exec.ts')).shellCommand(withStreams(wiring)),
  ),
  look('logs', 'what the command of a workspace printed', async (wiring) =>
    (await import('./commands/logs.ts')).logsCommand({
      ...withStreams(wiring),
      open: async (name, options) =>
        (await import('./client/logs.ts')).openLogs(socketPath(await wiring.state()).path, name, options),
    }),
  ),
  act('start', 'start workspaces', async (wiring) => (await import('./commands/act.ts')).startCommand(wiring)),
  act('stop', 'stop workspaces', async (wiring) => (await import('./commands/act.ts')).stopCommand(wiring)),
  act('restart', 'restart workspaces', async (wiring) =>
    (await import('./commands/act.ts')).restartCommand({ ...wiring, onInterrupt }),
  ),
  act('suspend', 'leave workspaces alone until resumed', async (wiring) =>
    (await import('./commands/brake.ts')).suspendCommand(wiring),
  ),
  act('resume', 'end a suspend', async (wiring) => (await import('./commands/brake.ts')).resumeCommand(wiring)),
  act('approve', 'list what is held, or let one held list through', async (wiring) =>
    (await import('./commands/approve.ts')).approveCommand(wiring),
  ),
  act('keep', 'hold off the idle stop of a workspace', async (wiring) =>
    (await import('./commands/keep.ts')).keepCommand(wiring),
  ),
  act('cleanup', 'stop what has been idle for so long', async (wiring) =>
    (await import('./commands/cleanup.ts')).cleanupCommand(wiring),
  ),
  act('home', 'homes: list, archive, restore, delete', async (wiring) =>
    (await import('./commands/home.ts')).homeCommand({ ...wiring, onInterrupt, askPerson }),
  ),
  act('trash', 'homes that were moved away: list, restore, delete', async (wiring) =>
    (await import('./commands/trash.ts')).trashCommand({ ...wiring, onInterrupt, askPerson }),
  ),
  setUp('doctor', 'check engine, host and controller, and say how to mend them', async (wiring) =>
    (await import('./commands/doctor.ts')).doctorCommand({
      ...wiring,
      probe,
      gitVersion: async () => (await import('./sources/git/version.ts')).gitVersion(process.env),
    }),
  ),
  setUp('service', 'run the controller under systemd', async (wiring) =>
    (await import('./commands/service.ts')).serviceCommand(wiring),
  ),
  setUp('image', 'build the image that workspaces start from', async ({ io }) =>
    (await import('./commands/image.ts')).imageCommand({
      buildImage: async (options, on) => (await import('./runtime/docker/image-builder.ts')).buildHere(options, on),
      out: io.out,
      write: (text) => process.stderr.write(text),
      terminal: process.stderr.isTTY === true,
      now: () => performance.now(),
      environment: io.env,
      exit: io.exitWith,
    }),
  ),
];

/** The reader of spec files is the controller's own; it is loaded when a file is read. */
const withSpecs = (wiring: Wiring) => ({
  ...wiring,
  readSpecs: async (path: string) => (await import('./read-specs.ts')).readSpecs(path),
});

/** The first Ctrl-C or TERM; a second one ends the process as ever. */
function onInterrupt(listener: () => void): () => void {
  const forget = () => {
    process.off('SIGINT', first);
    process.off('SIGTERM', first);
  };
  const first = () => {
    forget();
    listener();
  };
  process.on('SIGINT', first);
  process.on('SIGTERM', first);
  return forget;
}

/** One line, when somebody sits at a terminal; the question is no data. */
async function askPerson(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  lines.once('close', () => ended.abort());
  try {
    return await lines.question(question, { signal: ended.signal }).catch(() => '');
  } finally {
    lines.close();
  }
}

const accepted = async (dataDir: string) => (await import('./store/accepted.ts')).readAccepted(dataDir);

const foresight = async () => (await import('./foresee.ts')).foresee;

/** So is git. */
const withRevisions = ({ io: { cwd, env } }: Wiring) => ({
  openRevisions: async (folder: string, config: Config) =>
    (await import('./read-revision.ts')).openRevisions(folder, { cwd, env, config }),
});

/** The client of streams is loaded when one is opened: it needs all of node:http. */
const withStreams = (wiring: Wiring) => ({
  ...wiring,
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  open: async (name: string, ask: ExecAsk) =>
    (await import('./client/exec.ts')).openExec(socketPath(await wiring.state()).path, name, ask),
});

/** Asks the engine itself, without a controller. */
async function probe(): Promise<Capabilities> {
  const [{ makeEngine }, { makeCapabilities }] = await Promise.all([
    import('./runtime/docker/connect.ts'),
    import('./runtime/docker/capabilities.ts'),
  ]);
  return makeCapabilities(makeEngine()).capabilities();
}
