import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openWorkspaces, WorkdockError, type Workspaces } from '../../src/index.ts';
import type { Lab } from './lab.ts';

export const modes = ['client', 'embedded'] as const;
export type Mode = (typeof modes)[number];

/** The library over a lab, beside its controller or with one of its own; closed before the lab is tidied up. */
export async function openLibrary(lab: Lab, mode: Mode): Promise<Workspaces> {
  if (mode === 'client') {
    await lab.up();
    return openWorkspaces({ state: lab.state });
  }
  const workspaces = await openWorkspaces({ embed: true, config: join(lab.root, 'workdock.yaml'), log: 'error' });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= workspaces.close());
  onTestFinished(close);
  return { ...workspaces, close };
}

/** The error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<WorkdockError> {
  const error = await call.then(
    () => new Error('it succeeded'),
    (cause: unknown) => cause,
  );
  if (error instanceof WorkdockError) return error;
  throw error;
}
