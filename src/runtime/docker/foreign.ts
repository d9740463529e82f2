import { realpath } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { ContainerInspectInfo } from 'dockerode';
import { onDisk } from '../../lib/disk.ts';
import type { Foreign } from '../../model/observed.ts';
import type { ObserveKey } from '../../model/runtime.ts';
import { type ImageDefaults, type Images, words } from './images.ts';
import { type Labels, label } from './labels.ts';

type Deps = { images: Pick<Images, 'defaults'>; instanceUid: string };
type Mount = ContainerInspectInfo['Mounts'][number];
type Host = ContainerInspectInfo['HostConfig'];

const SHORT = 12;

/** Labels by which somebody else knows a container, and would stop, remove or make it anew. */
function claimOf(labels: Partial<Labels>, instanceUid: string): Foreign['claim'] {
  const instance = labels[label.instance];
  if (instance === instanceUid) return { by: 'copy', of: labels[label.name] ?? '' };
  if (instance !== undefined) return { by: 'instance', of: instance };
  const project = labels['com.docker.compose.project'];
  if (project !== undefined) {
    const service = labels['com.docker.compose.service'];
    return { by: 'compose', of: service === undefined ? project : `${project}, service ${service}` };
  }
  const swarm = labels['com.docker.swarm.service.name'] ?? labels['com.docker.swarm.task.id'];
  if (swarm !== undefined) return { by: 'swarm', of: swarm };
  const pod = labels['io.kubernetes.pod.name'];
  return pod === undefined ? undefined : { by: 'kubernetes', of: pod };
}

const sourceOf = ({ Type, Name, Source }: Mount): string =>
  Type === 'volume' ? `volume ${/^[0-9a-f]{64}$/.test(Name ?? '') ? Name!.slice(0, SHORT) : Name}` : Source || Type!;

/** What a path is without links; itself when it is not there, or its disk does not answer. */
const realOf = (path: string): Promise<string> => onDisk(path, () => realpath(path)).catch(() => path);

/** Whether a mount is the home itself, and not something above or below it. */
async function isHome({ Type, Name, Source }: Mount, { home, homeSource = '' }: ObserveKey): Promise<boolean> {
  if (home?.place.kind === 'volume' && !isAbsolute(homeSource)) return Type === 'volume' && Name === homeSource;
  return Type === 'bind' && (await realOf(Source)) === (await realOf(homeSource));
}

async function homeOf(mounts: readonly Mount[], key: ObserveKey): Promise<Pick<Foreign, 'home'>> {
  const mount = mounts.find(({ Destination }) => key.home && resolve(Destination) === resolve(key.home.mountPath));
  return mount ? { home: { source: sourceOf(mount), fits: await isHome(mount, key), readOnly: !mount.RW } } : {};
}

function portsOf({ PortBindings, PublishAllPorts }: Host): string {
  type Binding = { HostIp?: string; HostPort?: string };
  const bindings = Object.entries((PortBindings ?? {}) as Record<string, Binding[] | null>);
  const published = bindings.flatMap(([port, hosts]) =>
    (hosts ?? []).map(({ HostIp, HostPort }) => `${HostIp ? `${HostIp}:` : ''}${HostPort || 'any'}->${port}`),
  );
  return [...published, ...(PublishAllPorts ? ['all that its image exposes'] : [])].join(' ');
}

/** What it may do beyond what the engine gives everybody. */
function privilegesOf({ Privileged, CapAdd, PidMode, IpcMode, UsernsMode, NetworkMode, ...host }: Host): string {
  const shares = Object.entries({ pid: PidMode, ipc: IpcMode, user: UsernsMode, network: NetworkMode });
  const devices = [...(host.Devices ?? []).map(({ PathOnHost }: { PathOnHost: string }) => PathOnHost)];
  const gpus = (host as { DeviceRequests?: { Driver?: string }[] | null }).DeviceRequests ?? [];
  return [
    ...(Privileged ? ['privileged'] : []),
    ...(CapAdd ?? []).map((name: string) => `+${name}`),
    ...shares.filter(([, mode]) => mode === 'host').map(([name]) => `${name} of the host`),
    ...devices.map((path) => `device ${path}`),
    ...gpus.map(({ Driver }) => `device request ${Driver || 'gpu'}`),
  ].join(' ');
}

const isConfined = ({ Privileged, CapDrop, CapAdd, SecurityOpt }: Host): boolean =>
  !Privileged &&
  (CapDrop ?? []).some((name: string) => name.toUpperCase() === 'ALL') &&
  (CapAdd ?? []).length === 0 &&
  (SecurityOpt ?? []).some((option: string) => /^no-new-privileges(?:[:=]true)?$/.test(option));

function fieldsOf({ Config, HostConfig, Mounts }: ContainerInspectInfo, home: string, made: ImageDefaults) {
  const argv = words(Config.Entrypoint, Config.Cmd);
  const isImages = JSON.stringify(argv) === JSON.stringify(made.command);
  const others = Mounts.filter(({ Destination }) => resolve(Destination) !== resolve(home));
  const all: Record<string, string> = {
    image: Config.Image,
    command: isImages ? 'Image' : JSON.stringify(argv),
    user: Config.User || 'root',
    'user.groups': [...(HostConfig.GroupAdd ?? [])].join(' '),
    'storage.mounts': others.map((m) => `${sourceOf(m)}:${m.Destination}${m.RW ? '' : ':ro'}`).join(' '),
    'resources.shm': `${HostConfig.ShmSize ?? 0}`,
    'security.profile': isConfined(HostConfig) ? 'restricted' : 'of the engine',
  };
  const extra = { ports: portsOf(HostConfig), privileges: privilegesOf(HostConfig) };
  return { ...all, ...Object.fromEntries(Object.entries(extra).filter(([, text]) => text !== '')) };
}

/** What matters about a container under our name that somebody else made. */
export function makeForeign({ images, instanceUid }: Deps) {
  return async (info: ContainerInspectInfo, key: ObserveKey): Promise<Foreign> => {
    const claim = claimOf(info.Config.Labels ?? {}, instanceUid);
    const made = await images.defaults(info.Image);
    const own = (info.Config.Env ?? []).filter((line) => !made.env.includes(line));
    const entries = own.map((line): [string, string] => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    });
    return {
      ...(claim && { claim }),
      state: info.State.Status as Foreign['state'],
      autoRemove: info.HostConfig.AutoRemove === true,
      ...(await homeOf(info.Mounts, key)),
      fields: fieldsOf(info, key.home?.mountPath ?? '', made),
      env: Object.fromEntries(entries),
    };
  };
}
