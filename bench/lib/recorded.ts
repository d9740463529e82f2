import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunningContainer } from '../../src/model/runtime.ts';

const FIRST_PID = 10_000;
/** Of one workspace: init, keeper and its pause, two shells, tmux, an editor's server, two Pythons. */
const names = ['docker-init', 'sh', 'sleep', 'bash', 'bash', 'tmux: server', 'node', 'python3', 'python3'];
const threads: Record<string, number> = { node: 11, python3: 4 };

const netDev = [
  'Inter-|   Receive                                                |  Transmit',
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier',
  '    lo:  184212     812    0    0    0     0          0         0   184212     812    0    0    0     0       0',
  '  eth0: 91823441   61021    0    0    0     0          0         0  1902345   20133    0    0    0     0       0',
].join('\n');
const controllers = ['memory', 'pids', 'blkio', 'freezer', 'devices', 'cpuset', 'cpuacct', 'cpu'];
const numbers = Array.from({ length: 41 }, (_, at) => 1_000 + at * 7).join(' ');

/** /proc and /sys/fs/cgroup as 1,000 workspaces with two terminals and nine processes each leave them. */
export function recordWorkspaces(count: number) {
  const root = mkdtempSync(join(tmpdir(), 'workdock-recorded-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const record = (at: number): RunningContainer => {
    const id = at.toString(16).padStart(64, '0');
    const pid = FIRST_PID + at * names.length;
    const pids = names.map((_, offset) => pid + offset);
    const lines = controllers.map((name, line) => `${line + 1}:${name}:/docker/${id}`).toReversed();
    write(`proc/${pid}/cgroup`, `${lines.join('\n')}\n0::/docker/${id}\n`);
    write(`proc/${pid}/net/dev`, netDev);
    for (const terminal of [0, 1, 'ptmx']) write(`proc/${pid}/root/dev/pts/${terminal}`, '');
    write(`cgroup/cpuacct/docker/${id}/cgroup.procs`, `${pids.join('\n')}\n`);
    for (const [offset, name] of names.entries()) {
      write(`proc/${pid + offset}/stat`, `${pid + offset} (${name}) S ${pid} ${pid} ${pid} 34816 ${pid} ${numbers}\n`);
      for (let thread = 0; thread < (threads[name] ?? 1); thread += 1)
        write(`proc/${pid + offset}/task/${pid + offset + thread}/schedstat`, '832342342 23423423 9123\n');
      write(`proc/${pid + offset}/cmdline`, `/usr/bin/${name}\0train.py\0`);
    }
    return { id, pid };
  };
  const containers = Array.from({ length: count }, (_, at) => record(at));
  let usedNs = 0;
  /** Everybody has used so much CPU time since. */
  const use = (ms: number) => {
    usedNs += ms * 1e6;
    for (const { id } of containers) write(`cgroup/cpuacct/docker/${id}/cpuacct.usage`, `${usedNs}\n`);
  };
  use(0);
  /** Of the recorded host, which decides whether tasks are asked how long they waited. */
  const setLoad = (runnable: number) => write('proc/loadavg', `${runnable} ${runnable} ${runnable} 1/9000 123456\n`);
  setLoad(0);
  return { root, setLoad, use, roots: { procRoot: join(root, 'proc'), cgroupRoot: join(root, 'cgroup') }, containers };
}
