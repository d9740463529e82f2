import { Command } from 'commander';
import { age } from '../lib/age.ts';
import { plain } from '../lib/plain-text.ts';
import type { Condition } from '../model/conditions.ts';
import type { Evidence } from '../model/idle.ts';
import type { Description } from '../model/service.ts';
import { changeText, ignoredText } from './change-text.ts';
import { conditionCheck } from './doctor-checks.ts';
import type { Io, VerbDeps } from './io.ts';
import { problemLine } from './problem-line.ts';
import { sourceText } from './source-text.ts';
import { didLines, inWords, nextLook, waits } from './why-waits.ts';

/** `why`: the last decision about one workspace, with what led to it. */
export function whyCommand({ io, client }: VerbDeps): Command {
  return new Command('why')
    .description('why a workspace is as it is: the last decision and what it waits for')
    .argument('<name>', 'workspace')
    .addHelpText('after', '\nExamples:\n  workdock why ada')
    .action(async (name: string) => {
      const controller = await client();
      const [found, { host }] = await Promise.all([controller.describe(name), controller.summary()]);
      for (const line of [...whyLines(found, io), ...hostLines(host.conditions)]) io.out(line);
    });
}

function whyLines(found: Description, { now }: Pick<Io, 'now'>): string[] {
  const { status, problems } = found;
  const { name, phase, since, message, last, plan, pending, drift, ignored = [], conditions, lastEnd } = status;
  const { pass, trigger, because, seen, error } = last;
  const did = didLines(found);
  const stale = status.generation === status.observedGeneration ? [] : ['an older generation of the spec'];
  const bad = conditions.filter(({ type, status: value }) => type === 'Ready' && value !== 'True');
  return [
    `${name} is ${phase} since ${age(since, now())}${message === '' ? '' : `: ${plain(message)}`}`,
    ...field('decided', [because]),
    ...field('woken by', [trigger]),
    ...field('pass', pass === undefined ? [] : [pass]),
    ...field('seen', seen === undefined ? [] : [seen]),
    ...field(did.pass === pass ? 'did' : 'did last', did.lines),
    ...field('because', did.led),
    ...field('judged', stale),
    ...field(
      'not ready',
      bad.map(({ reason, message: text }) => `${reason}: ${text}`),
    ),
    ...idleFields(status, now()),
    ...field(
      'to do',
      plan.map(({ op, why }) => `${op}: ${why}`),
    ),
    ...field('waits for', waits(found, now())),
    ...field('held', heldFields(status)),
    ...field('pending', pending.map(changeText)),
    ...field('drift', drift.map(changeText)),
    ...field('ignored', ignored.map(ignoredText)),
    ...field('spec', problems.map(problemLine)),
    ...field('last end', lastEnd ? [`${age(lastEnd.at, now())} ago, ${lastEnd.reason}: ${lastEnd.evidence}`] : []),
    ...field('error', error ? [`${error.code}: ${error.message}`] : []),
    ...field('hint', error && error.hint !== '' ? [error.hint] : []),
    ...field('next look', nextLook(found, now())),
  ];
}

/** What is wrong with the host, which may be why nothing moves. */
const hostLines = (conditions: Condition[]): string[] =>
  field(
    'host',
    conditions
      .map(conditionCheck)
      .flatMap(({ name, result, message }) => (result === 'ok' ? [] : [`${name}: ${message}`])),
  );

/** What of it waits for a person, and where that spec stands. */
const heldFields = ({ held = [] }: Description['status']): string[] =>
  held.flatMap(({ what, detail, reason, since, hash, source }) => [
    `${what === undefined ? '' : `${what}: `}${detail}`,
    ...(source ? [`  as ${sourceText(source)} says; what was accepted before is in force`] : []),
    `  since ${since}: ${reason}`,
    `  workdock approve ${hash} lets it through, with all that is on that list`,
  ]);

/** Whether the idle rule is why it rests, or why it does not. */
function idleFields({ verdict, restsAt, lease, conditions }: Description['status'], nowMs: number): string[] {
  const quiet = conditions.find(({ type, reason }) => type === 'Idle' && (reason === 'Quiet' || reason === 'Idle'));
  return [
    ...field(
      'idle',
      verdict ? [verdict.because, ...(quiet ? [quiet.message] : []), ...verdict.evidence.map(line)] : [],
    ),
    ...field('rests', restsAt === undefined ? [] : [inWords(restsAt, nowMs)]),
    ...field('kept', lease ? [`until ${lease.until} by ${lease.by === 'file' ? '~/.workdock/keep' : 'a person'}`] : []),
  ];
}

const effect = { yes: ' (keeps it awake)', unknown: ' (so it is kept awake)', no: '' };
const line = ({ signal, value, keepsAwake }: Evidence) => `  ${signal}: ${value}${effect[keepsAwake]}`;

const field = (label: string, texts: string[]) =>
  texts.map((text, at) => `  ${(at === 0 ? label : '').padEnd(9)}  ${plain(text)}`);
