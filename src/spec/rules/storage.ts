import { containerPath, hostPath, isWithin } from './paths.ts';
import { type Complaint, type Rule, valueAt } from './rule.ts';

type Mount = { source: string; target: string };

export const storage: Rule = (leaves, site) => {
  const source = valueAt<string>(leaves, 'spec.storage.home.source');
  const mountPath = valueAt<string>(leaves, 'spec.storage.home.mountPath');
  const mounts = valueAt<Mount[]>(leaves, 'spec.storage.mounts') ?? [];
  return [
    ...(source === undefined ? [] : hostPath('spec.storage.home.source', source, site)),
    ...(mountPath === undefined ? [] : containerPath('spec.storage.home.mountPath', mountPath)),
    ...mounts.flatMap((mount, index) => hostPath(`spec.storage.mounts.${index}.source`, mount.source, site)),
    ...targets(mounts, mountPath),
  ];
};

function targets(mounts: Mount[], mountPath: string | undefined): Complaint[] {
  const seen = new Set<string>();
  return mounts.flatMap(({ target }, index): Complaint[] => {
    const path = `spec.storage.mounts.${index}.target`;
    const wrong = containerPath(path, target);
    if (wrong.length > 0) return wrong;
    if (mountPath !== undefined && isWithin(mountPath, target)) {
      return [{ path, message: `${target} would hide the home on ${mountPath}` }];
    }
    if (seen.has(target)) return [{ path, message: `${target} is the target of two mounts` }];
    seen.add(target);
    return [];
  });
}
