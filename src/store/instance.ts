import { randomBytes } from 'node:crypto';
import { type Clock, timestamp } from '../lib/clock.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { InstanceRecord, InstanceStore } from '../model/store.ts';
import { damaged, inData, makePrivateFolder } from './data-folder.ts';
import { openDurableFile } from './durable-file.ts';
import { isRecord, type JsonRecord, readJson } from './read-json.ts';
import { sweepTemporaries } from './replace-file.ts';

const valid = ({ uid, key, addresses }: JsonRecord): boolean =>
  typeof uid === 'string' && uid !== '' && typeof key === 'string' && isRecord(addresses);

export type InstanceOptions = {
  clock: Clock;
  /** What shows that this data folder was used before (`rememberedData`, a container of ours); null = nothing. */
  expectExisting: string | null;
};

export const missingInstance = (dataDir: string, evidence: string | null, cause?: unknown): WorkdockError =>
  new WorkdockError('DATA_FOLDER_MISSING', `${inData(dataDir, 'instance.json')} is missing, but ${evidence}`, {
    hint: `mount the disk of ${dataDir}; for a new start on purpose, choose a new --state folder as well`,
    cause,
  });

/**
 * `<data>/.workdock/instance.json`; made at the first use.
 * @throws DATA_FOLDER_MISSING  it is absent although something knows it, or unreadable: most likely the disk is not
 *         mounted. Nothing was created.
 */
export async function openInstance(
  dataDir: string,
  { clock, expectExisting }: InstanceOptions,
): Promise<InstanceStore> {
  const path = inData(dataDir, 'instance.json');
  const file = await openDurableFile<InstanceRecord>(path, valid, async (found) => {
    if (found.kind === 'corrupt') {
      const hint = 'restore it from a backup; `uid` is the label dev.workdock.instance of your containers';
      throw damaged(path, found.message, hint);
    }
    if (expectExisting !== null) throw missingInstance(dataDir, expectExisting);
    await makePrivateFolder(inData(dataDir));
    const [uid, key] = [randomBytes(8).toString('hex'), randomBytes(32).toString('hex')];
    const value = { schemaVersion: 1 as const, uid, key, createdAt: timestamp(clock.now()), addresses: {} };
    return { value, write: true };
  });
  await sweepTemporaries(inData(dataDir));
  return file;
}

/** What the state folder of an earlier run says as evidence of an instance, as a sentence; null when it knows none. */
export async function rememberedData(stateDir: string): Promise<string | null> {
  const path = `${stateDir}/status.json`;
  const found = await readJson<{ controller: { data: string } }>(path, ({ controller }) => isRecord(controller));
  return found.kind === 'ok'
    ? `${path} was written by a controller with the data folder ${found.value.controller.data}`
    : null;
}
