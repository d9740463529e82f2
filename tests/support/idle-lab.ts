import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Intent } from '../../src/model/intent.ts';
import type { IdleRow } from '../../src/model/service.ts';
import { openLab } from './lab.ts';

/** Looks five times a second; everything that takes half an hour elsewhere takes seconds. */
export const QUICK = 'idle: {interval: 200ms, maxKeep: 1h}\n';

/** A lab with short looks and what tests of idleness ask of it. */
export function openIdleLab(more = QUICK) {
  const lab = openLab(more);
  return {
    ...lab,
    /** As `workdock idle` has it. */
    idle: async (name: string): Promise<IdleRow | undefined> =>
      (await lab.json<IdleRow[]>('idle', name)).find((row) => row.name === name),
    intent: (name: string) =>
      JSON.parse(readFileSync(join(lab.data, '.workdock', 'intents', `${name}.json`), 'utf8')) as Intent,
    isUp: async (name: string) => (await lab.inspect(name)).State.Running,
    reasons: (name: string) => lab.events(name).map(({ reason }) => reason),
  };
}
export type IdleLab = ReturnType<typeof openIdleLab>;

export const idleSpec = (text: string) => [`idle: {${text}}`];
