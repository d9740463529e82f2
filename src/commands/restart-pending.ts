import { type RollNews, roll, type Turn, turnsOf } from '../client/roll.ts';
import { WorkdockError } from '../lib/errors.ts';
import { plain } from '../lib/plain-text.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { newerHeld } from './held-text.ts';
import type { Io, VerbDeps } from './io.ts';
import { printError } from './several.ts';

export type PendingDeps = VerbDeps & {
  /** Calls `listener` at the first interrupt, in the place of ending the process; the next one ends it. */
  onInterrupt: (listener: () => void) => () => void;
};
type Ask = { names: string[]; withinMs: number; dryRun: boolean };

const INTERRUPTED = 130;

/** `restart --pending`: those of the selection that have something to take along, one after the other. */
export async function restartPending(deps: PendingDeps, { names, withinMs, dryRun }: Ask): Promise<void> {
  const { io, client, onInterrupt } = deps;
  const api = await client();
  const chosen = new Set(names);
  const statuses = (await api.list()).filter(({ name }) => chosen.has(name));
  const missing = names.find((name) => !statuses.some((status) => status.name === name));
  if (missing !== undefined) {
    throw new WorkdockError('NOT_FOUND', `no workspace ${missing}`, { hint: '`workdock get` lists them' });
  }
  refuseUnknown(statuses);
  for (const line of statuses.flatMap(newerHeld)) io.err(line);
  const turns = turnsOf(statuses);
  if (turns.length === 0) return io.err('workdock: nothing waits for a restart');
  if (dryRun) return tellOrder(turns, io);

  const stop = new AbortController();
  const forget = onInterrupt(() => {
    stop.abort();
    io.err('workdock: no further one is begun; waiting for those on their way (again: ends at once)');
  });
  const tell = makeTeller(turns, io);
  try {
    const order = turns.map(({ name }) => name);
    const { left, failures, updated } = await roll(api, order, { withinMs, onNews: tell, stop: stop.signal });
    if (left.length > 0) {
      io.err(`workdock: stopped after ${updated} of ${turns.length}; left as they were: ${left.join(' ')}`);
    }
    if (failures.length > 0) throw summary(failures, turns.length);
    if (left.length > 0) io.exitWith(INTERRUPTED);
  } finally {
    forget();
  }
}

/** Of containers that nobody can see it is not known what they lack. */
function refuseUnknown(statuses: readonly WorkspaceStatus[]): void {
  const unknown = statuses.filter(({ phase }) => phase === 'Unknown');
  const [first] = unknown;
  if (!first) return;
  const names = unknown.map(({ name }) => name).join(' ');
  const text = `what waits for a restart of ${names} is not known: ${first.message}`;
  throw new WorkdockError('ENGINE_UNREACHABLE', text, { hint: 'workdock doctor' });
}

function tellOrder(turns: Turn[], io: Io): void {
  const running = turns.filter(({ down }) => !down);
  for (const { name, takes } of turns.filter(({ down }) => down)) {
    io.out(`-\t${name}\tat its next start: ${plain(takes.join(', '))}`);
  }
  for (const [at, { name, takes }] of running.entries()) {
    io.out(`${at + 1}\t${name}\t${plain(takes.join(', '))}`);
  }
  io.err(`workdock: ${running.length} would be restarted, in this order; nothing was done`);
}

const results = {
  updated: 'updated',
  atNextStart: 'is down: its next start takes the update',
  upToDate: 'has nothing to take along any more',
};

/** Results on stdout, one line each; what is on its way on stderr. */
function makeTeller(turns: Turn[], { out, err }: Io) {
  const running = turns.filter(({ down }) => !down).map(({ name }) => name);
  const takes = new Map(turns.map((turn) => [turn.name, plain(turn.takes.join(', '))]));
  const begun = (name: string) =>
    `workdock: [${running.indexOf(name) + 1} of ${running.length}] restarting ${name}: ${takes.get(name)}`;
  return (news: RollNews): void => {
    if (news.kind === 'waits') err(`workdock: waiting for ${news.others.join(' ')}, which somebody else updates`);
    else if (news.kind === 'begun') err(begun(news.name));
    else if (news.kind === 'failed' || news.kind === 'refused') printError({ err }, news.error);
    else out(`${news.name} ${results[news.kind]}`);
  };
}

/** The errors were printed as they came; the end has the code of them all when they agree. */
function summary(failures: WorkdockError[], total: number): WorkdockError {
  const [first] = failures;
  const same = failures.every(({ code }) => code === first?.code);
  const text = `${failures.length} of ${total} ${failures.length === 1 ? 'was' : 'were'} not updated`;
  return new WorkdockError(same && first ? first.code : 'PARTIAL_FAILURE', text, { hint: '' });
}
