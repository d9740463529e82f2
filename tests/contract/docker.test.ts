import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openEngine, type TestEngine } from '../support/engine.ts';
import { execContract } from './exec.contract.ts';
import { logsContract } from './logs.contract.ts';
import { type ContractWorld, runtimeContract } from './runtime.contract.ts';

async function limitsInside({ inside }: TestEngine, id: string) {
  const read = async (...files: string[]) => {
    const { stdout } = await inside(id, files.map((file) => `cat /sys/fs/cgroup/${file} 2>/dev/null`).join(' || '));
    return stdout;
  };
  const [quota, period] = (await read('cpu.max')).split(' ');
  const cpu = quota ? [quota, period] : [await read('cpu/cpu.cfs_quota_us'), await read('cpu/cpu.cfs_period_us')];
  const memory = await read('memory.max', 'memory/memory.memsw.limit_in_bytes');
  return {
    cpus: Number(cpu[0]) / Number(cpu[1]),
    memoryBytes: Number(memory),
    pids: Number(await read('pids.max', 'pids/pids.max')),
  };
}

const make = async (): Promise<ContractWorld> => {
  const engine = await openEngine();
  const { docker, runtime, data, network, fitted, prefix, dispose } = engine;
  const at = (id: string) => docker.getContainer(id);
  return {
    runtime,
    network,
    fitted,
    // A folder cannot be mounted on a program: runc refuses. A missing program would start, as the init's child.
    unstartable: () => fitted({ mounts: [{ source: data, target: '/usr/bin/env', readOnly: true }] }),
    speaker: () => {
      // The engine reads the two pipes on their own: only a pause puts what came from both in order.
      const script = 'echo apart >&2; sleep 0.3; for word in one two three; do echo $word; done; exec sleep 600';
      return fitted({ command: { kind: 'Argv', argv: ['sh', '-c', script] } });
    },
    limitsInside: (id) => limitsInside(engine, id),
    hands: {
      rm: (id) => at(id).remove({ force: true }),
      stop: (id) => at(id).stop({ t: 2 }),
      kill: (id) => at(id).kill(),
      pause: (id) => at(id).pause(),
      rename: (id, name) => at(id).rename({ name }),
      update: (id, memoryBytes) => at(id).update({ Memory: memoryBytes, MemorySwap: memoryBytes }),
      disconnectNetwork: (Container) => docker.getNetwork(network.name).disconnect({ Container }),
      write: async (id, bytes) => {
        const script = 'mkdir -p /opt/tool && head -c "$0" /dev/zero > /opt/tool/data';
        await promisify(execFile)('docker', ['exec', '--user', '0', id, 'sh', '-c', script, `${bytes}`]);
      },
      foreign: async (name, like) => {
        const image = fitted().image.ref;
        const home = like && { Type: 'bind' as const, Source: like.homeSource, Target: like.home.mountPath };
        const HostConfig = { CpuQuota: 150_000, CpuPeriod: 100_000, ...(home && { Mounts: [home] }) };
        return (await docker.createContainer({ name, Image: image, Cmd: ['sleep', '60'], HostConfig })).id;
      },
    },
    containerName: (name) => `${prefix}${name}`,
    dispose,
  };
};

runtimeContract('docker', make);
execContract('docker', make);
logsContract('docker', make);
