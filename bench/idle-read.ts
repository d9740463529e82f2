import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../src/lib/clock.ts';
import type { RunningContainer } from '../src/model/runtime.ts';
import type { CgroupRoots } from '../src/runtime/docker/cgroup.ts';
import { makeSignals } from '../src/runtime/docker/signals/signals.ts';
import { openLab, workspaceYaml } from '../tests/support/lab.ts';
import { paired, type Row } from './lib/paired.ts';
import { recordWorkspaces } from './lib/recorded.ts';
import { cpuMs } from './lib/usage.ts';

const COUNT = 1_000;
const PAIRS = 9;
const INTERVAL_MS = 30_000;

/** The plainest look: the same files of one container, each by a promise. */
async function plainLook({ id, pid }: RunningContainer, { procRoot, cgroupRoot }: CgroupRoots, kernels: boolean) {
  const [proc, group] = [join(procRoot, String(pid)), join(cgroupRoot, 'cpuacct/docker', id)];
  const text = (path: string) => readFile(path, 'utf8');
  const terminals = (await readdir(join(proc, 'root/dev/pts'))).filter((name) => name !== 'ptmx');
  await Promise.all([
    ...[text(join(proc, 'cgroup')), text(join(proc, 'net/dev')), text(join(group, 'cpuacct.usage'))],
    ...terminals.map((name) => stat(join(proc, 'root/dev/pts', name))),
  ]);
  if (!kernels) return;
  const pids = (await text(join(group, 'cgroup.procs'))).split('\n').filter(Boolean);
  await Promise.all(pids.map((one) => text(join(procRoot, one, 'stat'))));
}

type Case = { name: string; roots: CgroupRoots; containers: RunningContainer[]; kernels: boolean };

/** Share of one core, in percent, when all are looked at once per interval. */
function measure({ name, roots, containers, kernels }: Case): Promise<Row> {
  const { readSignals } = makeSignals({ roots, clock: systemClock });
  const share = async (work: () => Promise<unknown>) => ((await cpuMs(work)) / INTERVAL_MS) * 100;
  const ours = async () => {
    const seen = await Promise.all(containers.map((container) => readSignals(container, { kernels })));
    const unread = seen.find((one) => !one.cpuNs.ok || !one.networkBytes.ok || (kernels && !one.kernels?.ok));
    if (unread) throw new Error(`not read: ${JSON.stringify(unread)}`);
  };
  const peer = () => Promise.all(containers.map((container) => plainLook(container, roots, kernels)));
  return paired({ name, unit: '% of a core', ours: () => share(ours), peer: () => share(peer), pairs: PAIRS });
}

/** The kernel's own files cost more than recorded ones: one real workspace, looked at a thousand times. */
async function real(): Promise<Row> {
  const lab = openLab();
  try {
    lab.write('ada.yaml', workspaceYaml('ada'));
    await lab.up();
    await lab.phase('ada', 'Running', 60_000);
    const { Id: id, State } = await lab.inspect('ada');
    const containers = Array.from({ length: COUNT }, () => ({ id, pid: State.Pid }));
    const roots = { procRoot: '/proc', cgroupRoot: '/sys/fs/cgroup' };
    return await measure({ name: 'idle-read, one real', roots, containers, kernels: true });
  } finally {
    await lab.dispose();
  }
}

/** A look at a thousand workspaces, as the idle verdict takes it once per `idle.interval`. */
export async function run(): Promise<Row[]> {
  const { root, roots, containers } = recordWorkspaces(COUNT);
  try {
    return [
      await measure({ name: 'idle-read', roots, containers, kernels: false }),
      await measure({ name: 'idle-read, all quiet', roots, containers, kernels: true }),
      await real(),
    ];
  } finally {
    await rm(root, { recursive: true });
  }
}
