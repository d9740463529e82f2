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

type Case = {
  name: string;
  roots: CgroupRoots;
  containers: RunningContainer[];
  kernels: boolean;
  /** Between two rounds; not measured. */
  between?: () => void;
};

/** Share of one core, in percent, when all are looked at once per interval. */
function measure({ name, roots, containers, kernels, between }: Case): Promise<Row> {
  let atMs = 0;
  const { readSignals } = makeSignals({ roots, clock: { ...systemClock, monotonic: () => atMs } });
  const share = async (work: () => Promise<unknown>) => ((await cpuMs(work)) / INTERVAL_MS) * 100;
  const look = async () => {
    const seen = await Promise.all(containers.map((container) => readSignals(container, { kernels })));
    const unread = seen.find((one) => !one.cpuNs.ok || !one.networkBytes.ok || (kernels && !one.kernels?.ok));
    if (unread) throw new Error(`not read: ${JSON.stringify(unread)}`);
  };
  const ours = async () => {
    atMs += INTERVAL_MS;
    between?.();
    return share(look);
  };
  const peer = () => Promise.all(containers.map((container) => plainLook(container, roots, kernels)));
  return paired({ name, unit: '% of a core', ours, peer: () => share(peer), pairs: PAIRS });
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
  const { root, roots, containers, setLoad, use } = recordWorkspaces(COUNT);
  try {
    const calm = await measure({ name: 'idle-read', roots, containers, kernels: false });
    const quiet = await measure({ name: 'idle-read, all quiet', roots, containers, kernels: true });
    setLoad(1_000);
    // Everybody uses one percent of a core, so everybody's tasks are asked how long they waited.
    const between = () => use(INTERVAL_MS / 100);
    const crowded = await measure({ name: 'idle-read, crowded host', roots, containers, kernels: false, between });
    return [calm, quiet, crowded, await real()];
  } finally {
    await rm(root, { recursive: true });
  }
}
