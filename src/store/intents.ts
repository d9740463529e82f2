import { readdir } from 'node:fs/promises';
import { makeSemaphore } from '../lib/async.ts';
import type { Clock } from '../lib/clock.ts';
import { sameJson } from '../lib/json.ts';
import type { Intent } from '../model/intent.ts';
import type { IntentStore } from '../model/store.ts';
import { inData, makePrivateFolder } from './data-folder.ts';
import { type DurableFile, openDurableFile } from './durable-file.ts';
import { fileName, nameOf } from './file-name.ts';
import { type CorruptFile, isRecord, type JsonRecord, putAside } from './read-json.ts';
import { sweepTemporaries } from './replace-file.ts';

const READS_AT_ONCE = 32;

const valid = ({ name, generation, digest, seq, revisions }: JsonRecord): boolean =>
  typeof name === 'string' &&
  Number.isSafeInteger(generation) &&
  Number.isSafeInteger(seq) &&
  typeof digest === 'string' &&
  isRecord(revisions);

const fresh = (name: string): Intent => ({ schemaVersion: 1, name, generation: 0, digest: '', seq: 0, revisions: {} });

/**
 * In the place of a record that was lost. Its generation continues above any that the lost one can have had (those
 * count edits, this counts seconds), and any home is taken as seen, so that a missing one is not made anew and empty.
 */
const afterLoss = (name: string, nowMs: number): Intent => ({
  ...fresh(name),
  generation: Math.floor(nowMs / 1_000),
  homesSeen: ['*'],
});

type Options = {
  clock: Clock;
  onCorrupt: (file: CorruptFile & { name: string }) => void;
  /** Of an earlier build: gives it what came since. The same object when nothing did. */
  complete?: (intent: Intent) => Intent;
};

/**
 * `<data>/.workdock/intents/<name>.json`, all read at the start. A corrupt one is put aside, reported, and begun anew.
 * @throws STATE_NEWER, NOT_PERSISTED
 */
export async function openIntents(
  dataDir: string,
  { clock, onCorrupt, complete = (intent) => intent }: Options,
): Promise<IntentStore> {
  const folder = inData(dataDir, 'intents');
  await makePrivateFolder(folder);
  await sweepTemporaries(folder);
  const files = new Map<string, Promise<DurableFile<Intent>>>();
  const written = new Map<string, Intent>();

  const open = async (name: string): Promise<DurableFile<Intent>> => {
    const path = `${folder}/${fileName(name)}`;
    return openDurableFile<Intent>(
      path,
      (value) => valid(value) && value['name'] === name,
      async (found) => {
        if (found.kind === 'absent') return { value: fresh(name), write: false };
        onCorrupt({ name, ...(await putAside(path, clock.now(), found.message)) });
        return { value: afterLoss(name, clock.now()), write: true };
      },
    );
  };
  const openOnce = (name: string): Promise<DurableFile<Intent>> => {
    const opened = files.get(name) ?? open(name);
    files.set(name, opened);
    opened.catch(() => files.delete(name));
    return opened;
  };

  const limit = makeSemaphore(READS_AT_ONCE);
  const names = (await readdir(folder)).map(nameOf).filter((name) => name !== undefined);
  const load = async (name: string): Promise<void> => void written.set(name, complete((await openOnce(name)).get()));
  await Promise.all(names.map((name) => limit(() => load(name))));

  return {
    all: () => [...written.values()],
    get: (name) => written.get(name),
    update: async (name, change) => {
      const intent = await (await openOnce(name)).update((before) => change(complete(before)));
      if (written.has(name) || !sameJson(intent, fresh(name))) written.set(name, intent);
      return intent;
    },
    remove: async (name) => {
      const file = await openOnce(name);
      await file.remove(fresh(name));
      // Something new may have been written with it.
      if (sameJson(file.get(), fresh(name))) written.delete(name);
    },
  };
}
