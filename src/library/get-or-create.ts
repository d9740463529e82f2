import type { ApiClient } from '../client/client.ts';
import { type Goal, isJudged, ready } from '../client/goal.ts';
import { waitFor } from '../client/wait-for.ts';
import { type ErrorCode, errorCodes, WorkdockError } from '../lib/errors.ts';
import { heldText } from '../model/held.ts';
import type { PutSpec } from '../model/service.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { DEFAULT_TIMEOUT_MS } from './obeyed.ts';
import type { CreateOptions, GotOrCreated, WorkspaceSpec } from './types.ts';

type Source = PutSpec['source'] | undefined;
const same = (a: Source, b: Source) => a?.path === b?.path && a?.sha256 === b?.sha256;

/** As it stands it will not become Ready by itself, and nothing is wrong. */
const atRest = ({ phase, conditions }: WorkspaceStatus): boolean =>
  ['Stopped', 'Held', 'Resting', 'Elsewhere'].includes(phase) ||
  conditions.some(({ type, reason }) => type === 'Ready' && reason === 'Suspended');

const isAbsent = ({ conditions }: WorkspaceStatus): boolean =>
  conditions.some(({ type, status }) => type === 'SourceAbsent' && status === 'True');

/** It cannot become Ready before somebody changes something. */
const isHopeless = ({ phase, last: { error, waitsFor } }: WorkspaceStatus): boolean =>
  error === undefined
    ? phase === 'Failed' && waitsFor === undefined
    : Object.hasOwn(errorCodes, error.code) && errorCodes[error.code as ErrorCode].retry === 'never';

const wrong = ({ name, message, last: { error } }: WorkspaceStatus): WorkdockError => {
  const code = error === undefined ? 'REFUSED' : (error.code as ErrorCode);
  return new WorkdockError(code, `${name} cannot run: ${message}`, { hint: error?.hint ?? `workdock why ${name}` });
};

/** See `Workspaces.getOrCreate`. */
export async function getOrCreate(
  client: ApiClient,
  { owner, spec }: { owner: string; spec: WorkspaceSpec | undefined },
  { name = owner, labels, wait = true, timeoutMs = DEFAULT_TIMEOUT_MS }: CreateOptions,
): Promise<GotOrCreated> {
  const [before] = await client.list([name]);
  const put = await client.putSpec(name, bodyOf(name, { owner, spec }, labels), { ifAbsent: spec === undefined });
  const { outcome } = put;

  // Another caller may have written yet another spec since: that one is in force then, and ours never was.
  // One that was on its way out, as no file declared it, is so until the file that is back was seen.
  const taken = (status: WorkspaceStatus) =>
    !isAbsent(status) && (same(status.source, put.source) || moved(before, status));
  const isHeld = ({ held = [] }: WorkspaceStatus) =>
    outcome !== 'declaredElsewhere' && held.some(({ source }) => same(source, put.source));
  const through = (status: WorkspaceStatus) => status.plan.length === 0 || status.drift.length > 0;
  const done = (status: WorkspaceStatus) =>
    isJudged(status) && through(status) && (ready.met(status) || atRest(status));
  let found: WorkspaceStatus | undefined;
  const goal: Goal = {
    text: 'Ready',
    met: (status) => {
      const met = isHeld(status) || (taken(status) && (!wait || done(status) || isHopeless(status)));
      if (met) found = status;
      return met;
    },
  };
  const options = { goalOf: () => goal, timeoutMs, onMet: () => undefined, unknownNameMs: timeoutMs };
  const [failure] = await waitFor(client, [name], options);
  if (found === undefined) throw await tooLate(client, put, failure);
  if (isHeld(found)) throw heldError(found);
  if (wait && outcome !== 'declaredElsewhere' && isHopeless(found) && !done(found)) throw wrong(found);
  return { outcome, status: found };
}

/** The spec is written, and waits for a person: whoever asked for it is not to wait with it. */
function heldError({ name, held = [] }: WorkspaceStatus): WorkdockError {
  const { hash = '' } = held.find(({ kind }) => kind === 'disruptions') ?? {};
  const why = held.map(heldText).join('; ');
  const message = `the spec of ${name} is written, and what was in force before goes on: ${why}`;
  return new WorkdockError('REFUSED', message, { hint: `workdock approve ${hash}, or write the spec in force again` });
}

const moved = (before: WorkspaceStatus | undefined, now: WorkspaceStatus): boolean =>
  before?.source !== undefined && !same(before.source, now.source);

function bodyOf(
  name: string,
  { owner, spec }: { owner: string; spec: object | undefined },
  labels: object | undefined,
) {
  const written = { owner, ...spec };
  if (written.owner !== owner) {
    const hint = 'leave owner out of the spec: it is the first argument';
    throw new WorkdockError('USAGE', `the spec of ${name} speaks of the owner ${written.owner}`, { hint });
  }
  const metadata = { name, ...(labels && { labels }) };
  return { apiVersion: 'workdock.dev/v1', kind: 'Workspace', metadata, spec: written };
}

/** With the reason why the controller has not taken the spec over, when that is what is late. */
async function tooLate(
  client: ApiClient,
  { name }: PutSpec,
  failure: WorkdockError | undefined,
): Promise<WorkdockError> {
  if (failure?.code === 'WAIT_TIMEOUT') return failure;
  const { conditions } = await client.health();
  const source = conditions.find(({ type }) => type === 'SourceReady');
  const why = source && source.status !== 'True' ? `: ${source.message}` : '';
  const hint = 'it is kept, and taken over as soon as the folders of specs can be read';
  return new WorkdockError('WAIT_TIMEOUT', `the spec of ${name} is written and not in force yet${why}`, { hint });
}
