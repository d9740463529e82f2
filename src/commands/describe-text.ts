import { age } from '../lib/age.ts';
import { bytesText } from '../lib/bytes.ts';
import { plain } from '../lib/plain-text.ts';
import { type Row, table } from '../lib/table.ts';
import type { HeldNote } from '../model/held.ts';
import type { Description } from '../model/service.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { changeText, ignoredText } from './change-text.ts';
import { EVIDENCE, evidenceRows } from './idle-text.ts';
import { problemLine } from './problem-line.ts';
import { settingRows } from './settings-text.ts';
import { sourceText } from './source-text.ts';

/** A description for people: facts first, then a titled block for each kind of thing there is any of. */
export function describeLines({ status, desired, origins, problems, events }: Description, nowMs: number): string[] {
  const ago = (at: string) => `${age(at, nowMs)} ago`;
  const { conditions, pending, drift, ignored = [], plan, lastEnd, last, oom } = status;
  return [
    ...facts(status, nowMs),
    ...block('Problems', problems.map(problemLine)),
    ...tableBlock(
      'Conditions',
      ['TYPE', 'STATUS', 'SINCE', 'REASON', 'MESSAGE'],
      conditions.map((each) => [each.type, each.status, ago(each.lastTransitionTime), each.reason, each.message]),
    ),
    ...block('Idle', idleLines(status, ago)),
    ...tableBlock('Signals', EVIDENCE, status.verdict ? evidenceRows(status.verdict) : []),
    ...block('Pending', pending.map(changeText)),
    ...block('Drift', drift.map(changeText)),
    ...block('Ignored', ignored.map(ignoredText)),
    ...block(
      'To do',
      plan.map(({ op, why }) => `${op}: ${plain(why)}`),
    ),
    ...block('Last decision', [`${plain(last.because)} (woken by ${plain(last.trigger)})`]),
    ...block('Held', (status.held ?? []).map(heldLine)),
    ...block('Waits for', last.waitsFor === undefined ? [] : [plain(last.waitsFor)]),
    ...block('Error', last.error ? [`${last.error.code}: ${plain(last.error.message)}`, plain(last.error.hint)] : []),
    ...block('Last end', lastEnd ? [`${ago(lastEnd.at)}, ${lastEnd.reason}: ${plain(lastEnd.evidence)}`] : []),
    ...block('Out of memory', oom ? [`${oom.kills} kills at ${bytesText(oom.limitBytes)}, last ${ago(oom.at)}`] : []),
    ...tableBlock('Settings', ['SETTING', 'VALUE', 'FROM'], desired ? settingRows(desired, origins ?? {}) : []),
    ...tableBlock(
      'Events',
      ['WHEN', 'TYPE', 'REASON', 'TIMES', 'MESSAGE'],
      events.map(({ at, type, reason, count, message }) => [ago(at), type, reason, String(count), message]),
    ),
  ];
}

const heldLine = ({ what, detail, since, hash, source }: HeldNote): string => {
  const where = source ? `, ${sourceText(source)}` : '';
  return plain(`${what === undefined ? '' : `${what}: `}${detail}${where}; since ${since}; workdock approve ${hash}`);
};

/** The verdict and what follows from it; of a resting workspace the one that led to the stop. */
function idleLines(
  { verdict, restsAt, lastActivityAt, lease }: WorkspaceStatus,
  ago: (at: string) => string,
): string[] {
  return [
    ...(verdict ? [plain(`${verdict.because} (${verdict.mode})`)] : []),
    ...(restsAt === undefined ? [] : [`rests at ${restsAt}`]),
    ...(lease ? [`kept awake until ${lease.until} by ${lease.by === 'file' ? '~/.workdock/keep' : 'a person'}`] : []),
    ...(lastActivityAt === undefined || !verdict ? [] : [`last activity ${ago(lastActivityAt)}`]),
  ];
}

function facts(status: WorkspaceStatus, nowMs: number): string[] {
  const { name, owner, labels, phase, since, message, generation, observedGeneration, source, container } = status;
  const { home, limits, memoryInUseBytes } = status;
  const judged = generation === observedGeneration ? '' : ` (generation ${observedGeneration} judged so far)`;
  const used = memoryInUseBytes === undefined ? '' : `, ${bytesText(memoryInUseBytes)} in use`;
  const entries: [string, string | undefined][] = [
    ['Name', name],
    ['Owner', owner],
    [
      'Labels',
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ') || 'none',
    ],
    ['Phase', `${phase} for ${age(since, nowMs)}`],
    ['Message', message === '' ? undefined : message],
    ['Generation', `${generation}${judged}`],
    ['Source', source && sourceText(source)],
    ['Container', container && `${container.name} ${container.id.slice(0, 12)}`],
    ['Image', container && `${container.image} ${container.imageId.slice(0, 19)}`],
    ['Started', container?.startedAt && `${container.startedAt} (${age(container.startedAt, nowMs)} ago)`],
    ['Limits', limits && `${limits.cpus} cpu, ${bytesText(limits.memoryBytes)} memory${used}, ${limits.pids} pids`],
    ['Home', home],
  ];
  return entries.flatMap(([label, text]) => (text === undefined ? [] : [`${label.padEnd(12)}${plain(text)}`]));
}

const block = (title: string, lines: string[]) =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];

const tableBlock = (title: string, head: string[], rows: Row[]) =>
  block(title, rows.length === 0 ? [] : table(head, rows));
