import { basename, posix } from 'node:path';
import type { Complaint, Site } from './rule.ts';
import { addLine } from './rule.ts';

/** True when `path` is `root` or below it. Both are normal absolute paths. */
export const isWithin = (path: string, root: string): boolean =>
  path === root || path.startsWith(root === '/' ? '/' : `${root}/`);

export const overlap = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a);

/** Whoever can write there, or talk to what listens there, owns the host; no root allows them. */
const hostOnly = ['/proc', '/sys', '/dev', '/run', '/var/run'];
const engineSockets = new Set(['docker.sock', 'containerd.sock', 'podman.sock', 'crio.sock']);

/** Folders of an image that a mount would break. */
const imageOnly = [
  'bin',
  'boot',
  'dev',
  'etc',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'proc',
  'root',
  'run',
  'sbin',
  'sys',
  'usr',
  'var',
];

/** A path must be written in its shortest form, so that two that are the same look the same. */
export function notNormal(path: string, value: string): Complaint[] {
  const normal = posix.normalize(value).replace(/(.)\/+$/, '$1');
  if (normal === value) return [];
  const message = 'a path must be written without .., //, and a final /';
  return [{ path, message, suggestion: `the same path in short: ${normal}` }];
}

/** What is wrong with a folder of the host, as text. Symlinks are looked at when it is mounted. */
export function hostPath(path: string, value: string, site: Site): Complaint[] {
  const normal = notNormal(path, value);
  if (normal.length > 0) return normal;
  const forbidden = hostOnly.find((folder) => overlap(value, folder));
  if (forbidden !== undefined) return [{ path, message: `${value} would give away the host (${forbidden})` }];
  if (engineSockets.has(basename(value))) return [{ path, message: `${value} would give away the engine` }];
  const own = [site.data, site.state, ...site.specs, ...(site.secretsRoot === null ? [] : [site.secretsRoot])];
  const ours = own.find((folder) => overlap(value, folder));
  if (ours !== undefined) {
    return [{ path, message: `${value} overlaps a folder of workdock (${ours})`, suggestion: 'homes: home.name' }];
  }
  if (site.mountRoots.some((root) => isWithin(value, root))) return [];
  const suggestion = addLine('mountRoots', [...site.mountRoots, value]);
  return [{ path, message: `${value} is not below one of the mount roots`, suggestion }];
}

/** What is wrong with a place in the container. */
export function containerPath(path: string, value: string): Complaint[] {
  const normal = notNormal(path, value);
  if (normal.length > 0) return normal;
  const folder = value.split('/')[1]!;
  if (value !== '/' && !imageOnly.includes(folder)) return [];
  const suggestion = 'take a place such as /data or /mnt/data';
  return [{ path, message: `${value} would hide a folder of the image`, suggestion }];
}
