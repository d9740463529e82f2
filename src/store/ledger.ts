import { readFile } from 'node:fs/promises';
import { WorkdockError } from '../lib/errors.ts';
import type { Config } from '../model/config.ts';
import type { Identity } from '../model/fitted.ts';
import type { UidLedger } from '../model/store.ts';
import { damaged, inData, makePrivateFolder } from './data-folder.ts';
import { openDurableFile } from './durable-file.ts';
import { isRecord, type JsonRecord } from './read-json.ts';

type Numbers = { uid: number; gid: number };
/** `retired`: uids that an owner had before, by uid; files may still carry them. */
type Ledger = { schemaVersion: 1; owners: Record<string, Numbers>; retired: Record<string, string> };

const isNumbers = (value: unknown): boolean =>
  isRecord(value) && Number.isSafeInteger(value['uid']) && Number.isSafeInteger(value['gid']);
const valid = ({ owners, retired }: JsonRecord): boolean =>
  isRecord(owners) && Object.values(owners).every(isNumbers) && isRecord(retired);

type Options = {
  /** From the config; comes before what was allocated. */
  users: Config['users'];
  range: Config['uidRange'];
  /** Uids of accounts of this host: never allocated. */
  hostUids: ReadonlySet<number>;
};

const clash = (uid: number, owner: string, other: string): WorkdockError =>
  new WorkdockError('CONFIG_INVALID', `uid ${uid} of ${owner} is already ${other}'s`, {
    hint: `give ${owner} another uid under \`users\` in the config; a uid is never used twice`,
  });

/** A uid above every one ever given, so that a removed owner's files never get a new reader. */
function allocate({ owners, retired }: Ledger, { users, range, hostUids }: Options): Numbers {
  const given = [...Object.values(owners).map(({ uid }) => uid), ...Object.keys(retired).map(Number)];
  const reserved = new Set([...Object.values(users).flatMap(({ uid, gid }) => [uid, gid]), ...hostUids]);
  const inRange = given.filter((uid) => uid >= range.first && uid <= range.last);
  let uid = Math.max(range.first - 1, ...inRange) + 1;
  while (reserved.has(uid)) uid += 1;
  if (uid <= range.last) return { uid, gid: uid };
  const message = `no uid is left in ${range.first}-${range.last}`;
  throw new WorkdockError('CONFIG_INVALID', message, { hint: 'widen `uidRange` in the config' });
}

/** Who has or had the uid. */
const holderOf = (uid: number, { owners, retired }: Ledger): string | undefined =>
  Object.entries(owners).find(([, numbers]) => numbers.uid === uid)?.[0] ?? retired[uid];

/** The ledger itself when it knows the owner's numbers, else one that does. */
function withOwner(owner: string, ledger: Ledger, options: Options): Ledger {
  const known = Object.hasOwn(ledger.owners, owner) ? ledger.owners[owner] : undefined;
  const configured = Object.hasOwn(options.users, owner) ? options.users[owner] : undefined;
  const numbers = configured ?? known ?? allocate(ledger, options);
  const { uid, gid } = numbers;
  if (known?.uid === uid && known.gid === gid) return ledger;
  const holder = holderOf(uid, ledger);
  if (holder !== undefined && holder !== owner) throw clash(uid, owner, holder);
  const retired = known === undefined ? ledger.retired : { ...ledger.retired, [known.uid]: owner };
  return { ...ledger, owners: { ...ledger.owners, [owner]: { uid, gid } }, retired };
}

/**
 * `<data>/.workdock/uids.json`. What the config says is written down too, so that it holds after the entry is gone.
 * @throws CONFIG_INVALID  two owners with one uid, here and from `identityOf`; also when the range is used up.
 * @throws DATA_FOLDER_MISSING  the file is corrupt: guessing would give one person's files to another.
 */
export async function openLedger(dataDir: string, options: Options): Promise<UidLedger> {
  const { users } = options;
  const byUid = new Map<number, string>();
  for (const [owner, { uid }] of Object.entries(users)) {
    const other = byUid.get(uid);
    if (other !== undefined) throw clash(uid, owner, other);
    byUid.set(uid, owner);
  }
  await makePrivateFolder(inData(dataDir));
  const path = inData(dataDir, 'uids.json');
  const file = await openDurableFile<Ledger>(path, valid, (found) => {
    if (found.kind === 'corrupt') throw damaged(path, found.message, 'restore it from a backup of the data folder');
    return { value: { schemaVersion: 1, owners: {}, retired: {} }, write: false };
  });

  const tried = (owner: string, ledger: Ledger): Ledger => {
    try {
      return withOwner(owner, ledger, options);
    } catch {
      return ledger;
    }
  };

  return {
    ownerOf: (uid) => holderOf(uid, file.get()),
    reserve: async (owners) =>
      void (await file.update((ledger) => owners.reduce((before, owner) => tried(owner, before), ledger))),
    identityOf: async (owner): Promise<Identity> => {
      const { owners } = await file.update((ledger) => withOwner(owner, ledger, options));
      const { uid, gid } = owners[owner]!;
      return { uid, gid, groups: Object.hasOwn(users, owner) ? users[owner]!.groups : [] };
    },
  };
}

/** Uids of the host's own accounts. An unreadable list is no reason to stop: the range is above the usual ones. */
export async function hostUids(passwd = '/etc/passwd'): Promise<Set<number>> {
  const text = await readFile(passwd, 'utf8').catch(() => '');
  return new Set(
    text
      .split('\n')
      .map((line) => Number(line.split(':')[2]))
      .filter(Number.isSafeInteger),
  );
}
