import { bytesText } from '../lib/bytes.ts';
import { durationText } from '../lib/duration.ts';
import { plain } from '../lib/plain-text.ts';
import type { IdlePolicy } from '../model/idle.ts';
import type { About, Noted, OutOfMemory } from '../model/notes.ts';
import type { EndReason, OwnersEnd } from '../model/status.ts';
import { when } from './when.ts';

/** For the person whose processes ended, who knows nothing of containers. */
const inWords: Record<EndReason, string> = {
  IdleStop: 'nobody was using it',
  StoppedByPerson: 'somebody stopped it (workdock stop)',
  StoppedBySpec: 'its spec says that it is not to run',
  FileRemoved: 'its spec was removed from the specs of the lab',
  RestartedByPerson: 'somebody restarted it (workdock restart)',
  Updated: 'it was made anew for an update',
  OOMKilled: 'it used up its memory',
  HostRestarted: 'the machine was restarted',
  EngineRestarted: 'the container engine was restarted',
  EndedWhileAway: 'the machine or its engine was restarted, or it ended while nobody watched',
  StoppedByHand: 'it was stopped, and not by workdock',
  RemovedByHand: 'its container was removed, and not by workdock',
  Completed: 'its command was through',
  Crashed: 'its command failed',
};

const moreMemory = 'use less memory, or ask for more: resources.memory in the spec';
const advice: Partial<Record<EndReason, string>> = {
  IdleStop: 'to keep a silent job running, run `keep 4h` before you leave; `workdock shell` starts it again',
  OOMKilled: moreMemory,
  StoppedByPerson: 'ask for `workdock start`',
  StoppedBySpec: 'ask for `state: Running` in the spec',
  FileRemoved: 'if it is still needed, ask for its spec to be put back',
  EngineRestarted: 'let long jobs save where they are from time to time',
  HostRestarted: 'let long jobs save where they are from time to time',
  Crashed: 'look at `workdock logs`',
};

const MOST_PROCESSES = 20;

const listed = (lines: string[]): string[] => {
  const more = lines.length - MOST_PROCESSES;
  const shown = lines.slice(0, MOST_PROCESSES).map((line) => `    ${plain(line)}`);
  return [...shown, ...(more > 0 ? [`    and ${more} more`] : [])];
};

function processLines({ at, processes, processesSeenAt = at }: OwnersEnd): string[] {
  if (processes === undefined) return ['  ended with it: not known'];
  const seconds = Math.round((Date.parse(at) - Date.parse(processesSeenAt)) / 1000);
  const seen = seconds > 1 ? `, as seen ${seconds} s before` : '';
  if (processes.length === 0) return [`  ended with it${seen}: nothing but the workspace itself`];
  return [`  ended with it${seen}:`, ...listed(processes)];
}

type Whose = Pick<Noted, 'name' | 'home' | 'env'>;

/** In a home that several workspaces share the name says of which the entry is. */
const moment = (at: string, { name, home, env }: Whose): string =>
  `${when(at, env['TZ'])}${home.shared ? `, workspace ${name}` : ''}`;

/** One entry of `last-stop.txt`. What its first line says up to the bracket tells two entries apart. */
export function lastStopText(end: OwnersEnd, whose: Whose): string {
  const { at, reason, evidence } = end;
  const todo = advice[reason];
  return [
    `Stopped ${moment(at, whose)}: ${inWords[reason] ?? 'it ended'}`,
    `  why: ${plain(evidence)}`,
    ...processLines(end),
    ...(todo ? [`  next time: ${todo}`] : []),
    '',
  ].join('\n');
}

/** The entry for processes that were killed while the workspace went on. */
export function outOfMemoryText({ at, kills, limitBytes, missing }: OutOfMemory, whose: Whose): string {
  const what = kills === 1 ? 'a process was killed' : `${kills} processes were killed`;
  return [
    `Out of memory ${moment(at, whose)}: ${what}; the workspace went on`,
    `  why: its processes together needed more than ${bytesText(limitBytes)}`,
    ...(missing.length > 0 ? ['  not there any more:', ...listed(missing)] : ['  which: not known']),
    `  next time: ${moreMemory}`,
    '',
  ].join('\n');
}

function idleRule({ enabled, timeoutMs, mode, warnBeforeMs }: IdlePolicy, maxKeepMs: number): string {
  if (!enabled) return 'it is never stopped for being idle';
  const timeout = durationText(timeoutMs);
  if (mode === 'Observe') return `after ${timeout} without use it is only noted, not stopped`;
  const warning = warnBeforeMs > 0 ? `, with a warning ${durationText(warnBeforeMs)} before` : '';
  const most = `${durationText(maxKeepMs)} at most`;
  return `it is stopped after ${timeout} without use${warning}; \`keep 4h\` holds that off, ${most}. Files stay`;
}

export type Sayings = { maxKeepMs: number; keepProblem: string };

/** `about.txt`, which login shells show. Equal settings give equal text. */
export function aboutText({ name, idle, home, env }: Noted, about: About, { maxKeepMs, keepProblem }: Sayings): string {
  const { limits, lease } = about;
  const cpus = +(limits.nanoCpus / 1e9).toFixed(2);
  const memory = limits.memoryBytes > 0 ? bytesText(limits.memoryBytes) : 'all the';
  const by = lease?.by === 'file' ? 'keep' : 'workdock keep';
  return [
    `Workspace ${name}: ${cpus} CPU${cpus === 1 ? '' : 's'}, ${memory} memory, ${limits.pids} processes`,
    `Idle: ${idleRule(idle, maxKeepMs)}`,
    ...(lease && idle.enabled ? [`Kept: until ${when(lease.until, env['TZ'])}, by \`${by}\``] : []),
    ...(keepProblem ? [`Not kept: ${plain(keepProblem)}`] : []),
    `What outlives a stop or an update: ${home.mountPath}`,
    '',
  ].join('\n');
}
