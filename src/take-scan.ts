import type { CatalogState } from './catalog-state.ts';
import type { Log } from './lib/log.ts';
import type { Desired } from './model/desired.ts';
import type { Scan } from './model/source.ts';
import type { StatusStore } from './model/store.ts';
import type { Removals } from './removals.ts';
import type { Brakes } from './wire-brakes.ts';

type Deps = {
  catalog: CatalogState;
  brakes: Brakes;
  removals: Removals;
  /** What the sources have to say of themselves is told. */
  tellHost: () => void;
  /** Who has another name now; true when anybody has since this was asked last. */
  takeRenames: () => Promise<boolean>;
  /** Addresses of new names and numbers of new owners, on disk. */
  reserve: (names: readonly string[], desired: readonly Desired[]) => Promise<void>;
  /** Exceptions of the firewall as they are wanted now. */
  openDoors: () => Promise<unknown>;
  changed: (name: string, trigger: string) => void;
  names: () => ReadonlySet<string>;
  status: Pick<StatusStore, 'summary' | 'forget'>;
  log: Log;
};

/** What one look at the files changes: what is declared, what of that is in force, and whose file is gone. */
export function makeTakeScan(deps: Deps): (scan: Scan) => Promise<void> {
  const { catalog, brakes, removals, log } = deps;

  async function takeFiles(scan: Scan): Promise<void> {
    const before = catalog.trouble()?.message;
    const changed = await catalog.take(scan);
    deps.tellHost();
    const reason = catalog.trouble()?.message;
    // Unsettled is what every save is for a moment.
    if (scan.kind !== 'unsettled' && reason !== undefined && reason !== before) {
      log.warn({ reason }, 'the specs cannot be read; what was settled before stays in force');
    }
    if (scan.kind !== 'settled') return;
    // Before all else: what is judged, held and missing goes by the names of now.
    const renamed = await deps.takeRenames();
    // The first scan is judged also when there is no file.
    if (changed.length === 0 && !renamed && brakes.settled()) return;
    const moved = await brakes.judge();
    // On a full disk each workspace waits for its own numbers; a scan that is not gone through with would be lost.
    await deps
      .reserve(catalog.names(), catalog.desired())
      .catch((err: unknown) => log.warn({ err }, 'addresses and uids could not be kept'));
    // A new exception must be there before its workspace starts, and a withdrawn one gone at once.
    await deps.openDoors();
    log.info(
      { files: scan.files.length, changed: changed.length, problems: catalog.problems().length },
      'specs changed',
    );
    for (const name of changed) deps.changed(name, `spec ${catalog.get(name)?.source.path ?? 'removed'}`);
    for (const name of moved) if (!changed.includes(name)) deps.changed(name, 'a change of the specs was judged');
  }

  /** Of whom nothing is known any more nothing is told either. */
  function forgetOthers(): void {
    const known = deps.names();
    const told = Object.keys(deps.status.summary().workspaces);
    for (const name of told.filter((each) => !known.has(each))) deps.status.forget(name);
  }

  return async (scan) => {
    await takeFiles(scan);
    await removals.afterScan(scan);
    brakes.told();
    if (catalog.settled()) forgetOthers();
  };
}
