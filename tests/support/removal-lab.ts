import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Intent } from '../../src/model/intent.ts';
import type { Lab } from './lab.ts';
import { makeLab, workspaceYaml } from './make-lab.ts';
import { until } from './until.ts';

const quick = { grace: '1s', removeAfter: '2s', window: '1s', removals: '20%' };

/** A lab with short times in which `names` run, each from a file of its own and with something in its home. */
export async function removalLab(names: string[], times: Partial<typeof quick> = {}) {
  const { grace, removeAfter, window, removals } = { ...quick, ...times };
  const deletion = `deletion: {grace: ${grace}, removeAfter: ${removeAfter}}`;
  const lab = makeLab(`resync: 1s\n${deletion}\nguard: {window: ${window}, removals: ${removals}}\n`);
  for (const name of names) lab.write(`${name}.yaml`, workspaceYaml(name));
  const controller = await lab.up();
  for (const name of names) {
    await lab.phase(name, 'Running');
    writeFileSync(join(homeOf(lab, name), 'thesis.txt'), `of ${name}\n`);
  }
  return { lab, controller, ...viewsOf(lab) };
}

export const homeOf = (lab: Lab, name: string): string => join(lab.data, 'users', name);

function viewsOf(lab: Lab) {
  const ids = async () =>
    new Map((await lab.mine()).map(({ Id, Names }) => [Names[0]!.slice(lab.prefix.length + 1), Id]));
  return {
    put: (name: string, spec: string[] = [], owner = name) =>
      lab.write(`${name}.yaml`, workspaceYaml(name, spec, owner)),
    lose: (...names: string[]) => {
      for (const name of names) lab.remove(`${name}.yaml`);
    },
    /** Full id of its container; undefined when there is none. */
    idOf: async (name: string) => (await ids()).get(name),
    startedAt: async (name: string) => (await lab.inspect(name)).State.StartedAt,
    runs: async (name: string) => (await lab.inspect(name)).State.Running,
    absence: (name: string) => {
      const found = lab.condition(name, 'SourceAbsent');
      return found?.status === 'True' ? found.reason : undefined;
    },
    gone: (name: string, deadlineMs = 15_000) =>
      until(async () => lab.status(name) === undefined && !(await ids()).has(name), { deadlineMs, what: name }),
    intent: (name: string) =>
      JSON.parse(readFileSync(join(lab.data, '.workdock', 'intents', `${name}.json`), 'utf8')) as Intent,
    names: async () => (await lab.json<{ name: string }[]>('get')).map(({ name }) => name),
    held: async () => lab.json<{ hash: string; items: { name: string }[] }[]>('approve'),
  };
}

/** Every file below a folder with its content, owner and mode. */
export function contentsOf(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // Notes of ours may still come.
    if (path.includes('/.workdock')) continue;
    const { uid, mode } = statSync(path);
    hash.update(`${path.slice(folder.length)} ${uid} ${mode} ${entry.isFile() ? readFileSync(path, 'utf8') : ''}\n`);
  }
  return hash.digest('hex');
}

/** The state folder is a cache: gone while nobody looks. */
export function loseState(lab: Lab): void {
  if (existsSync(lab.state)) rmSync(lab.state, { recursive: true });
}
