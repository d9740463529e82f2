import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Declaration } from './model/desired.ts';
import type { EventLog, InstanceStore, IntentStore, StatusStore } from './model/store.ts';
import { finishRename, type makeTakeOver } from './reconcilers/workspace/rename.ts';
import { isSamePlace, type KnownNames } from './spec/renames.ts';

type TakeOver = ReturnType<typeof makeTakeOver>;
type Intents = Pick<IntentStore, 'all' | 'get'>;

/**
 * The name under which a workspace is to go on. `claimed`: by whom, as the files say; whoever saw to it does not ask
 * again. Until nothing is left of the old name it is the new one's, whatever the files say by now.
 */
export function makeRenamedTo(intents: Intents, claimed: (name: string) => string | undefined) {
  return (name: string): string | undefined => {
    const open = intents.all().find(({ renamed }) => renamed?.open && renamed.from === name);
    if (open) return open.name;
    const heir = claimed(name);
    return heir !== undefined && intents.get(heir)?.renamed?.from !== name ? heir : undefined;
  };
}

/** What the intents know of names, and the engine. */
export const knownNames = (intents: Intents, onEngine: (name: string) => boolean): KnownNames => ({
  has: (name) => {
    const intent = intents.get(name);
    return intent ? intent.removedAt === undefined : onEngine(name);
  },
  made: (name) => Object.keys(intents.get(name)?.revisions ?? {}).length > 0 || onEngine(name),
  renamedFrom: (name) => intents.get(name)?.renamed?.from,
  nowNamed: (desired) =>
    intents
      .all()
      .find(
        ({ renamed, lastGood, removedAt }) =>
          renamed?.from === desired.name && lastGood && !removedAt && isSamePlace(lastGood.desired, desired),
      )?.name,
});

/** An address belongs to the workspace and not to its name: with it go the host's exceptions for it. */
export const makeMoveAddress =
  (instance: InstanceStore) =>
  async (from: string, to: string): Promise<void> => {
    if (instance.get().addresses[from] === undefined) return;
    await instance.update((record) => {
      const { [from]: address, ...addresses } = record.addresses;
      return { ...record, addresses: { ...addresses, ...(address !== undefined && { [to]: address }) } };
    });
  };

type Taking = {
  claims: ReadonlyMap<string, string>;
  declaration: (name: string) => Declaration | undefined;
  takeOver: TakeOver;
  clock: Pick<Clock, 'timer' | 'monotonic'>;
  log: Pick<Log, 'warn'>;
};

const WAIT_MS = 50;
/** A pass of the old name ends soon, unless it waits for an engine. */
const MOST_WAIT_MS = 2_000;

/** Takes over what a scan renames. What cannot be done now is done by a pass of the new name. */
export async function takeAll({ claims, declaration, takeOver, clock, log }: Taking): Promise<void> {
  const until = clock.monotonic() + MOST_WAIT_MS;
  for (const to of claims.values()) {
    const claim = declaration(to);
    if (claim?.kind !== 'valid') continue;
    try {
      while ((await takeOver(claim)) === 'busy' && clock.monotonic() < until) {
        await new Promise<void>((resolve) => clock.timer(WAIT_MS, resolve));
      }
    } catch (err) {
      log.warn({ name: to, err }, 'renames have to wait');
      return; // an engine that is away, or a full disk, is so for the others too
    }
  }
}

type Deps = { intents: IntentStore; instance: InstanceStore; status: StatusStore; events: EventLog };

/** What an earlier controller did not come to: before anything else, as the files may say something new by now. */
export async function finishRenames({ intents, instance, status, events }: Deps): Promise<void> {
  const deps = { intents, status, events, moveAddress: makeMoveAddress(instance), leave: () => undefined };
  for (const { name, renamed } of intents.all()) {
    if (renamed?.open) await finishRename(deps, { from: renamed.from, to: name });
  }
}

/** The name a declaration's workspace has until it is taken over. */
export const formerOf = (
  declaration: Declaration | undefined,
  renamedTo: (name: string) => string | undefined,
): string | undefined => {
  const former = declaration?.kind === 'valid' ? declaration.renamedFrom : undefined;
  return former !== undefined && renamedTo(former) === declaration?.name ? former : undefined;
};
