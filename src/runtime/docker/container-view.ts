import type { ContainerInspectInfo } from 'dockerode';
import { type Container, type ContainerState, handMadeHash } from '../../model/observed.ts';
import type { MemoryFacts } from './cgroup.ts';
import { label } from './labels.ts';

const NEVER = '0001-01-01T00:00:00Z';

/** Networks it is attached to. `HostConfig.NetworkMode` is what it was created with, and stays when that changes. */
export const networksOf = (info: ContainerInspectInfo): string[] =>
  Object.keys(info.NetworkSettings.Networks ?? {})
    .filter((name) => name !== 'none')
    .sort((a, b) => a.localeCompare(b));

/** The address it has, or will have when it starts. */
export function addressOf(info: ContainerInspectInfo, network: string | undefined): string | null {
  const endpoint = network === undefined ? undefined : info.NetworkSettings.Networks[network];
  return endpoint?.IPAddress || endpoint?.IPAMConfig?.IPv4Address || null;
}

/**
 * Memory with swap: that is what a container can really use. We set both to the same, so anything else is someone's
 * hand. -1 is "no limit", or a kernel that does not count swap: then only memory says something.
 */
function memoryOf({ Memory = 0, MemorySwap = 0 }: ContainerInspectInfo['HostConfig'], countsSwap: boolean): number {
  if (MemorySwap === -1) return countsSwap ? 0 : Memory;
  return Math.max(Memory, MemorySwap);
}

/** Made by hand it may have the older form, a share of a period; the engine then refuses the other one. */
export const hasCpuQuota = ({ CpuQuota = 0, CpuPeriod = 0 }: ContainerInspectInfo['HostConfig']): boolean =>
  CpuQuota > 0 || CpuPeriod > 0;

/** What the kernel takes for the period where none is said. */
const CPU_PERIOD = 100_000;

const cpusOf = ({ NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 }: ContainerInspectInfo['HostConfig']): number =>
  NanoCpus || (CpuQuota > 0 ? Math.round((CpuQuota / (CpuPeriod || CPU_PERIOD)) * 1e9) : 0);

/** The engine's answer in our words; `memory` from the cgroup files of a running one. */
export function containerView(info: ContainerInspectInfo, memory: MemoryFacts, countsSwap: boolean): Container {
  const { State: state, HostConfig: host, Config: config } = info;
  const networks = networksOf(info);
  const labels = config.Labels;
  const policy = host.RestartPolicy?.Name;
  return {
    id: info.Id,
    name: info.Name.slice(1),
    state: state.Status as ContainerState,
    hash: labels[label.instance] === undefined ? handMadeHash(info.Id) : (labels[label.hash] ?? ''),
    generation: Number(labels[label.generation] ?? 0),
    imageRef: config.Image,
    imageId: info.Image,
    limits: {
      nanoCpus: cpusOf(host),
      memoryBytes: memoryOf(host, countsSwap),
      pids: Math.max(0, host.PidsLimit ?? 0),
    },
    ...(policy && policy !== 'no' ? { restartPolicy: policy } : {}),
    networks,
    address: addressOf(info, networks[0]),
    createdAt: info.Created,
    ...(state.StartedAt === NEVER ? {} : { startedAt: state.StartedAt }),
    ...(state.FinishedAt === NEVER ? {} : { finishedAt: state.FinishedAt }),
    exitCode: state.ExitCode,
    error: state.Error,
    oomKilled: state.OOMKilled,
    ...(state.Pid > 0 ? { pid: state.Pid } : {}),
    ...memory,
  };
}
