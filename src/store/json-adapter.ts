import { dirname } from 'node:path';
import type { Adapter } from 'lowdb';
import { type JsonRecord, type Read, readJson } from './read-json.ts';
import { replaceFile, type Stamp, stampOf, syncFolder } from './replace-file.ts';

/** What goes to disk, and the part of it that makes two versions different. */
export type Rendered = { text: string; key: string };

type Options<T> = {
  path: string;
  mode: number;
  valid: (value: JsonRecord) => boolean;
  render: (data: T) => Rendered;
  /** Syncs the folder after each write. False when the caller writes many files and syncs once. */
  syncFolder: boolean;
};

/** lowdb on files that survive a kill, a power cut and a full disk; equal data is not written again. */
export function makeJsonAdapter<T>(options: Options<T>) {
  const { path, mode, render } = options;
  let last: { key: string; stamp: Stamp | null } | null = null;

  const load = async (): Promise<Read<T>> => {
    const found = await readJson<T>(path, options.valid);
    if (found.kind === 'ok') last = { key: render(found.value).key, stamp: await stampOf(path) };
    return found;
  };
  const adapter: Adapter<T> = {
    read: async () => {
      const found = await load();
      return found.kind === 'ok' ? found.value : null;
    },
    write: async (data) => {
      const { text, key } = render(data);
      if (last?.key === key) return;
      const stamp = await replaceFile(path, text, { mode });
      if (options.syncFolder) await syncFolder(dirname(path));
      last = { key, stamp };
    },
  };

  return {
    ...adapter,
    /** Somebody removed the file on purpose: the next write writes. */
    forget: (): void => {
      last = null;
    },
    /** Like `read`, and tells absent from corrupt. */
    load,
    /** False when somebody else removed, replaced or changed the file since; the next write then writes. */
    intact: async (): Promise<boolean> => {
      if (last === null) return true;
      const [had, has] = [last.stamp, await stampOf(path)];
      const same =
        had !== null &&
        has !== null &&
        had.inode === has.inode &&
        had.size === has.size &&
        had.modifiedNs === has.modifiedNs;
      if (!same) last = null;
      return same;
    },
  };
}

export type JsonAdapter<T> = ReturnType<typeof makeJsonAdapter<T>>;

export const pretty = (data: unknown): Rendered => {
  const text = `${JSON.stringify(data, null, 2)}\n`;
  return { text, key: text };
};
