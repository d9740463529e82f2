import { bytesText } from '../lib/bytes.ts';
import { durationText } from '../lib/duration.ts';
import { plain } from '../lib/plain-text.ts';
import type { Desired } from '../model/desired.ts';
import type { EndReason, LastEnd } from '../model/status.ts';

/** For the person whose processes ended, who knows nothing of containers. */
const inWords: Record<EndReason, string> = {
  IdleStop: 'nobody was using it',
  StoppedByPerson: 'somebody stopped it (workdock stop)',
  StoppedBySpec: 'its spec says Stopped',
  RestartedByPerson: 'somebody restarted it (workdock restart)',
  Updated: 'it was made anew for a change of its spec',
  OOMKilled: 'it used up its memory',
  HostRestarted: 'the machine was restarted',
  EngineRestarted: 'the container engine was restarted',
  EndedWhileAway: 'the machine or its engine was restarted, or it ended while nobody watched',
  StoppedByHand: 'it was stopped from outside workdock',
  RemovedByHand: 'its container was removed from outside workdock',
  Completed: 'its command was through',
  Crashed: 'its command failed',
};

const advice: Partial<Record<EndReason, string>> = {
  IdleStop: 'to keep a silent job running, run `keep 4h` before you leave; `workdock shell` starts it again',
  OOMKilled: 'use less memory, or ask for more: resources.memory in the spec',
  StoppedByPerson: 'ask for `workdock start`',
};

const MOST_PROCESSES = 20;

const two = (number: number) => String(number).padStart(2, '0');

/** Local time with its offset, and the same for programs. */
function when(at: string): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const minutes = -date.getTimezoneOffset();
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}${two(Math.abs(minutes) % 60)}`;
  return `${day} ${time} ${offset} (${at.replace(/\.\d+Z$/, 'Z')})`;
}

function processLines({ at, processes, processesSeenAt = at }: LastEnd): string[] {
  if (processes === undefined) return ['  ended with it: not known'];
  const seconds = Math.round((Date.parse(at) - Date.parse(processesSeenAt)) / 1000);
  const seen = seconds > 1 ? `, as seen ${seconds} s before` : '';
  if (processes.length === 0) return [`  ended with it${seen}: nothing but the workspace itself`];
  const more = processes.length - MOST_PROCESSES;
  const shown = processes.slice(0, MOST_PROCESSES).map((line) => `    ${plain(line)}`);
  return [`  ended with it${seen}:`, ...shown, ...(more > 0 ? [`    and ${more} more`] : [])];
}

/** One entry of `last-stop.txt`. Its first line tells two ends apart. Pure. */
export function lastStopText(end: LastEnd): string {
  const { at, reason, evidence } = end;
  const todo = advice[reason];
  return [
    `Stopped ${when(at)}: ${inWords[reason]}`,
    `  why: ${plain(evidence)}`,
    ...processLines(end),
    ...(todo ? [`  next time: ${todo}`] : []),
    '',
  ].join('\n');
}

function idleRule({ idle }: Pick<Desired, 'idle'>): string {
  if (!idle.enabled) return 'it is never stopped for being idle';
  const timeout = durationText(idle.timeoutMs);
  if (idle.mode === 'Observe') return `after ${timeout} without use it is only noted, not stopped`;
  const warning = idle.warnBeforeMs > 0 ? `, with a warning ${durationText(idle.warnBeforeMs)} before` : '';
  return `it is stopped after ${timeout} without use${warning}; \`keep 4h\` holds that off. Files stay`;
}

/** `about.txt`, which login shells show. Pure: equal settings give equal text. */
export function aboutText(desired: Pick<Desired, 'name' | 'limits' | 'idle' | 'home'>): string {
  const { name, limits, home } = desired;
  const cpus = +(limits.nanoCpus / 1e9).toFixed(2);
  const counted = `${cpus} CPU${cpus === 1 ? '' : 's'}`;
  return [
    `Workspace ${name}: ${counted}, ${bytesText(limits.memoryBytes)} memory, ${limits.pids} processes`,
    `Idle: ${idleRule(desired)}`,
    `What outlives a stop or an update: ${home.mountPath}`,
    '',
  ].join('\n');
}
