import { isAbsolute } from 'node:path';
import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import type { Fitted } from '../../model/fitted.ts';
import { threadVariables } from '../../model/threads.ts';
import { keeperArgv } from './keeper.ts';
import type { Labels } from './labels.ts';

/** What sudo and apt need, and nothing more (each tried on Docker 20.10.24; SETFCAP for packages with file caps). */
const sudoCapabilities = 'SETUID SETGID CHOWN DAC_OVERRIDE FOWNER FSETID SETFCAP KILL AUDIT_WRITE'.split(' ');

type Given = { labels: Labels; shell: string; secrets: Record<string, string>; openFiles: number };

/** The environment: built-in values, then the spec's, then those of `envFrom`. */
export function environment(fitted: Fitted, { shell, secrets }: Pick<Given, 'shell' | 'secrets'>): string[] {
  const all: Record<string, string> = {
    HOME: fitted.home.mountPath,
    USER: fitted.owner,
    LOGNAME: fitted.owner,
    SHELL: shell,
    ...threadVariables(fitted.limits),
    ...fitted.env,
    ...secrets,
  };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}

/** `Mounts`, never `Binds`: those make a missing source as an empty folder of root. */
function mounts(fitted: Fitted): MountSettings[] {
  const { home, homeSource } = fitted;
  const own: MountSettings =
    home.place.kind === 'volume' && !isAbsolute(homeSource)
      ? { Type: 'volume', Source: homeSource, Target: home.mountPath, VolumeOptions: noCopy }
      : { Type: 'bind', Source: homeSource, Target: home.mountPath, BindOptions: { Propagation: 'rprivate' } };
  const extra = fitted.mounts.map(
    ({ source, target, readOnly }): MountSettings => ({
      Type: 'bind',
      Source: source,
      Target: target,
      ReadOnly: readOnly,
      BindOptions: { Propagation: 'rprivate' },
    }),
  );
  return [own, ...extra];
}
const noCopy = { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } };

/** `Keep` and a list of words replace the image's entrypoint and command; `Image` leaves both. */
function command({ command: wanted }: Fitted): Pick<ContainerCreateOptions, 'Entrypoint' | 'Cmd'> {
  if (wanted.kind === 'Image') return {};
  const argv = wanted.kind === 'Keep' ? [...keeperArgv] : wanted.argv;
  return { Entrypoint: argv.slice(0, 1), Cmd: argv.slice(1) };
}

const sudo = ({ security }: Fitted) => security.profile === 'sudo';

/** Without `no-new-privileges` only for the profile `sudo`, which cannot work with it. */
const security = (fitted: Fitted): HostConfig => ({
  CapDrop: ['ALL'],
  CapAdd: sudo(fitted) ? sudoCapabilities : [],
  SecurityOpt: sudo(fitted) ? [] : ['no-new-privileges'],
  Privileged: false,
  PublishAllPorts: false,
  IpcMode: 'private',
  RestartPolicy: { Name: 'no' },
});

/** The engine's words for what a running container can still change. Memory and swap are always set together. */
export const liveLimits = ({ nanoCpus, memoryBytes, pids }: Partial<Fitted['limits']>) => ({
  ...(nanoCpus !== undefined && { NanoCpus: nanoCpus }),
  ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
  ...(pids !== undefined && { PidsLimit: pids }),
});

/** The same for one that was made by hand with a share of a period. */
export function quotaLimits(limits: Partial<Fitted['limits']>) {
  const { NanoCpus, ...rest } = liveLimits(limits);
  return { ...rest, ...(NanoCpus !== undefined && { CpuPeriod: 100_000, CpuQuota: Math.round(NanoCpus / 10_000) }) };
}

/** The whole create request of a workspace. Pure; the defaults are those of design 8. */
export function containerConfig(fitted: Fitted, given: Given): ContainerCreateOptions {
  const { identity, networkName, address } = fitted;
  const endpoint = address === null ? {} : { IPAMConfig: { IPv4Address: address } };
  return {
    Image: fitted.image.ref,
    Hostname: fitted.name,
    User: `${identity.uid}:${identity.gid}`,
    WorkingDir: fitted.home.mountPath,
    Env: environment(fitted, given),
    Labels: given.labels,
    StopTimeout: fitted.stopGraceSeconds,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    OpenStdin: false,
    Tty: false,
    ...command(fitted),
    HostConfig: {
      ...liveLimits(fitted.limits),
      ...security(fitted),
      Init: true,
      GroupAdd: [...new Set([...identity.groups, ...fitted.groups])].map(String),
      ShmSize: fitted.shmBytes,
      Ulimits: [
        { Name: 'nofile', Soft: Math.min(4096, given.openFiles), Hard: given.openFiles },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      Mounts: mounts(fitted),
      NetworkMode: networkName ?? 'none',
    },
    ...(networkName === null ? {} : { NetworkingConfig: { EndpointsConfig: { [networkName]: endpoint } } }),
  };
}
