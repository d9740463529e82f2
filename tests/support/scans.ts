import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Scan, SpecFile } from '../../src/model/source.ts';
import { makeFolderSource } from '../../src/sources/folder.ts';
import { until } from './until.ts';

/** A folder of this test alone, removed when it is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'workdock-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

type Options = { settleMs?: number; polling?: boolean; clock?: Clock };

/** A running folder source that writes down every scan, in a short form: path below the first folder -> text. */
export async function watchFolders(
  folders: string[],
  { settleMs = 100, polling = false, clock = systemClock }: Options = {},
) {
  const scans: Scan[] = [];
  const source = makeFolderSource({ folders, settleMs, clock, polling, log: silentLog });
  source.onScan(async (scan) => void scans.push(scan));
  await source.start();
  onTestFinished(() => source.close());

  const brief = (files: SpecFile[]): Record<string, string> =>
    Object.fromEntries(files.map((file) => [relative(folders[0]!, file.path), file.text ?? `(${file.error})`]));
  const settled = (): Record<string, string>[] =>
    scans.flatMap((scan) => (scan.kind === 'settled' ? [brief(scan.files)] : []));
  const last = (): Record<string, string> => settled().at(-1) ?? {};
  return {
    scans,
    source,
    settled,
    last,
    /** Waits until the last scan is settled and `name` has this text in it; undefined = it is not in it. */
    has: (name: string, text: string | undefined) =>
      until(() => scans.at(-1)?.kind === 'settled' && last()[name] === text, {
        what: `${name} is ${text}`,
        deadlineMs: 15_000,
      }),
    /** Waits for the first scan, or the next one of a kind. */
    isNow: (kind: Scan['kind']) =>
      until(() => scans.at(-1)?.kind === kind && scans.at(-1), { what: kind, deadlineMs: 15_000 }),
    /** Asks for one more look and waits for it, so that "nothing came" can be said without sleeping. */
    looked: async (): Promise<void> => {
      const count = scans.length;
      source.poke();
      await until(() => scans.length > count, { what: 'the look that was asked for', deadlineMs: 15_000 });
    },
  };
}
