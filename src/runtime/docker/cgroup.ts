import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders to read from; others than the defaults are recorded trees. */
export type CgroupRoots = { procRoot: string; cgroupRoot: string };
export type MemoryFacts = { oomKills?: number; memoryInUseBytes?: number };

const files = {
  1: { events: 'memory.oom_control', usage: 'memory.usage_in_bytes', inactive: 'total_inactive_file' },
  2: { events: 'memory.events', usage: 'memory.current', inactive: 'inactive_file' },
} as const;

/** `key value` lines, as memory.stat, memory.events and memory.oom_control have them. */
function numberAt(text: string, key: string): number | undefined {
  const line = text.split('\n').find((entry) => entry.startsWith(`${key} `));
  const value = line === undefined ? Number.NaN : Number(line.slice(key.length + 1));
  return Number.isFinite(value) ? value : undefined;
}

/** Where a process's memory is accounted: `N:memory:/path` on version 1 (also hybrid), `0::/path` on version 2. */
export function memoryCgroup(procCgroup: string): { version: 1 | 2; path: string } | null {
  const entries = procCgroup.split('\n').map((line) => /^(\d+):([^:]*):(.*)$/.exec(line));
  const first = entries.find((entry) => entry?.[2]?.split(',').includes('memory'));
  if (first) return { version: 1, path: join('memory', first[3]!) };
  const second = entries.find((entry) => entry?.[1] === '0');
  return second ? { version: 2, path: second[3]! } : null;
}

/**
 * OOM kills of any process, and the working set (usage less inactive file pages), of the container whose first process
 * has this host pid. The engine's own `OOMKilled` misses children under an init and stays set after a restart; its
 * stats take seconds. Empty when the files cannot be read (engine elsewhere, process gone).
 */
export async function readMemory(pid: number, { procRoot, cgroupRoot }: CgroupRoots): Promise<MemoryFacts> {
  try {
    const group = memoryCgroup(await readFile(join(procRoot, String(pid), 'cgroup'), 'utf8'));
    if (!group) return {};
    const { events, usage, inactive } = files[group.version];
    const [eventText, usageText, statText] = await Promise.all(
      [events, usage, 'memory.stat'].map((file) => readFile(join(cgroupRoot, group.path, file), 'utf8')),
    );
    const used = Number(usageText);
    const oomKills = numberAt(eventText!, 'oom_kill');
    return {
      ...(oomKills === undefined ? {} : { oomKills }),
      ...(Number.isFinite(used) ? { memoryInUseBytes: Math.max(0, used - (numberAt(statText!, inactive) ?? 0)) } : {}),
    };
  } catch {
    return {};
  }
}
