import { join } from 'node:path';
import { WorkdockError } from './lib/errors.ts';
import { formatAddress, parseSubnet } from './lib/ipv4.ts';
import type { Config } from './model/config.ts';
import type { Desired, HomePlace } from './model/desired.ts';
import { isTakenBy } from './model/instance.ts';
import type { InstanceStore, UidLedger } from './model/store.ts';
import type { Block } from './model/target.ts';
import type { Allotment } from './reconcilers/workspace/fit.ts';
import type { makeSecrets } from './secrets.ts';

/** .0 is the network, .1 the bridge. */
const FIRST_HOST = 2;

type Deps = {
  config: Config;
  instance: InstanceStore;
  ledger: UidLedger;
  secrets: ReturnType<typeof makeSecrets>;
  /** The name that a workspace has until it is taken over: its address is still that one's. */
  former: (name: string) => string | undefined;
};

const homeSource = (data: string, place: HomePlace) =>
  place.kind === 'folder' ? join(data, 'users', place.name) : place.kind === 'path' ? place.path : place.volume;

/** Gives every name its fixed place on this host: numbers of the owner, home, address, digest of its secrets. */
export function makeAllot({ config, instance, ledger, secrets, former }: Deps) {
  const reach = () => {
    const { subnet = '' } = instance.get();
    return parseSubnet(subnet);
  };
  const offsetOf = (name: string): number | undefined => {
    const { addresses } = instance.get();
    return addresses[former(name) ?? name] ?? addresses[name];
  };
  /** Undefined while the name has none: not reserved yet, no network, or beyond its end. */
  const addressOf = (name: string): string | undefined => {
    const range = reach();
    const offset = offsetOf(name);
    return range && offset !== undefined && offset < range.size - 1 ? formatAddress(range.base + offset) : undefined;
  };
  /** One durable write for all new names. An address is never given to another name. */
  const reserveAddresses = async (names: readonly string[]): Promise<void> => {
    const missing = names.filter((name) => offsetOf(name) === undefined);
    if (missing.length === 0) return;
    await instance.update((record) => {
      const addresses = { ...record.addresses };
      let next = Math.max(FIRST_HOST - 1, ...Object.values(addresses)) + 1;
      for (const name of missing) {
        addresses[name] ??= next;
        next += 1;
      }
      return { ...record, addresses };
    });
  };
  const needAddress = async (name: string): Promise<string> => {
    await reserveAddresses([name]); // done with its scan, unless that could not be written
    const address = addressOf(name);
    if (address !== undefined) return address;
    const hint = reach() ? 'configure a larger network.subnet' : '`workdock doctor` tells what keeps the network away';
    throw new WorkdockError('NETWORK_MISSING', `no address for ${name} in the workspace network`, { hint });
  };
  return {
    /** One durable write for all new names of a scan, and one for all new owners. */
    reserve: async (names: readonly string[], desired: readonly Desired[]): Promise<void> => {
      const here = desired.filter((each) => isTakenBy(each, config.instance));
      await Promise.all([reserveAddresses(names), ledger.reserve(here.map(({ owner }) => owner))]);
    },
    addressOf,
    allot: async (desired: Desired): Promise<{ allotment: Allotment; secrets?: Block }> => {
      let blocked: Block | undefined;
      const envFromDigest = await secrets.digest(desired.envFrom).catch((error: unknown) => {
        if (!(error instanceof WorkdockError)) throw error;
        blocked = { reason: 'SecretUnusable', message: `${error.message}; ${error.hint}` };
        return 'unreadable';
      });
      const allotment = {
        identity: await ledger.identityOf(desired.owner),
        homeSource: homeSource(config.data, desired.home.place),
        networkName: `${config.prefix}net`,
        address: desired.network.mode === 'none' ? '' : await needAddress(desired.name),
        envFromDigest,
      };
      return { allotment, ...(blocked && { secrets: blocked }) };
    },
  };
}
