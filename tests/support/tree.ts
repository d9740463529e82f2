import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A recorded tree of /proc and /sys/fs/cgroup: paths below `proc/` and `cgroup/` to file contents. */
export function recordedTree(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'workdock-tree-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { procRoot: join(root, 'proc'), cgroupRoot: join(root, 'cgroup') };
}
