import { readFileSync } from 'node:fs';

const decoded = (text = '') => text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number(`0o${octal}`)));

/** `root` of the file system `device` is seen at `point`. */
export type MountEntry = { device: string; root: string; point: string };

/** Mounts as this process sees them, from a file of the kernel that never makes anybody wait. proc(5), mountinfo. */
export function mountTable(text = readFileSync('/proc/self/mountinfo', 'utf8')): MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, , device = '', root, point] = line.split(' ');
    return point === undefined ? [] : [{ device, root: decoded(root), point: decoded(point) }];
  });
}

export const mountPoints = (): string[] => mountTable().map(({ point }) => point);

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** Where a folder, given without links, or something in it can be seen besides: a mount of its part of the disk. */
export function seenElsewhere(folder: string, table: readonly MountEntry[]): string | undefined {
  const on = table
    .filter(({ point }) => isWithin(folder, point))
    .reduce<MountEntry | undefined>(
      (best, each) => (best && best.point.length > each.point.length ? best : each),
      undefined,
    );
  if (!on) return undefined;
  const place = `${on.root === '/' ? '' : on.root}${folder.slice(on.point === '/' ? 0 : on.point.length)}` || '/';
  return table.find((each) => each !== on && each.device === on.device && isWithin(each.root, place))?.point;
}
