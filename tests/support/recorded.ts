import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { onTestFinished } from 'vitest';
import { makeLab } from './make-lab.ts';
import { until } from './until.ts';

/** Where the homes of recorded labs are: the path is in the hashes of their containers. */
const root = '/tmp/workdock-upgrade';
const lock = `${root}.lock`;
const data = join(root, 'data');

type Recorded = { running: boolean; body: Docker.ContainerCreateOptions };
type Ledger = { owners: Record<string, { uid: number; gid: number }> };

const jsonOf = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;

/** One at a time on this machine; a run that was killed holds it for nobody. */
async function takeTurn(): Promise<void> {
  const isMine = () => {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return true;
    } catch {
      if (!isAlive()) rmSync(lock, { recursive: true, force: true });
      return false;
    }
  };
  await until(isMine, { deadlineMs: 120_000, everyMs: 200, what: `${lock} is held` });
  onTestFinished(() => {
    for (const path of [root, lock]) rmSync(path, { recursive: true, force: true });
  });
}

function isAlive(): boolean {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    return pid > 0 && statSync(`/proc/${pid}`).isDirectory();
  } catch {
    return false;
  }
}

/** A lab as an earlier build left it: its folders and its containers. The present build comes with `lab.up()`. */
export async function openRecorded(name: string) {
  await takeTurn();
  const recorded = join('tests/recorded', name);
  rmSync(root, { recursive: true, force: true });
  for (const folder of ['data/users', 'shared', 'secrets']) mkdirSync(join(root, folder), { recursive: true });
  const more = [`data: ${data}`, `mountRoots: [${root}/shared]`, `secretsRoot: ${root}/secrets`, 'resync: 1s', ''];
  const lab = makeLab(more.join('\n'));
  writeFileSync(join(root, 'secrets', 'ada.env'), 'TOKEN=abc\n', { mode: 0o600 });
  cpSync(join(recorded, 'specs'), lab.specs, { recursive: true });
  cpSync(join(recorded, 'kept'), join(data, '.workdock'), { recursive: true });
  cpSync(join(recorded, 'cache'), lab.state, { recursive: true });
  const { owners } = jsonOf<Ledger>(recorded, 'kept', 'uids.json');
  const containers = jsonOf<Record<string, Recorded>>(recorded, 'containers.json');
  const { uid } = jsonOf<{ uid: string }>(recorded, 'kept', 'instance.json');
  const left = await lab.docker.listContainers({ all: true, filters: { label: [`dev.workdock.instance=${uid}`] } });
  for (const { Id } of left) await lab.docker.getContainer(Id).remove({ force: true });
  for (const [workspace, { body, running }] of Object.entries(containers)) {
    const home = join(data, 'users', workspace);
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(join(home, 'work.txt'), workspace);
    chownSync(home, owners[workspace]!.uid, owners[workspace]!.gid);
    const online = body.HostConfig?.NetworkMode !== 'none';
    const HostConfig = { ...body.HostConfig, ...(online && { NetworkMode: 'bridge' }) };
    const container = await lab.docker.createContainer({ ...body, HostConfig, name: `${lab.prefix}${workspace}` });
    await container.start();
    if (!running) await container.stop({ t: 0 }).catch(() => undefined); // it may have ended by itself
  }
  const runs = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.keys(containers).map(async (workspace) => {
          const { Id, State } = await lab.inspect(workspace);
          return [workspace, [Id, State.StartedAt]];
        }),
      ),
    ) as Record<string, string[]>;
  return { lab, runs, data, files: () => readdirSync(join(data, '.workdock', 'intents')) };
}
