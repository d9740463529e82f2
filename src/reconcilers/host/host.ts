import type { Clock } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { formatAddress, parseSubnet } from '../../lib/ipv4.ts';
import type { Capabilities } from '../../model/fitted.ts';
import type { NetworkSpec, Runtime } from '../../model/runtime.ts';
import type { InstanceStore } from '../../model/store.ts';
import type { Block } from '../../model/target.ts';
import { makeDiskWatch } from './disk.ts';
import type { Firewall } from './firewall.ts';
import { hostRoutes } from './routes.ts';
import { type AllowEntry, desiredRules, tagOf } from './rules.ts';
import { chooseSubnet } from './subnet.ts';

type Deps = {
  runtime: Runtime;
  instance: InstanceStore;
  firewall: Firewall;
  clock: Clock;
  networkName: string;
  configuredSubnet: string | null;
  /** Folders whose file systems must not fill up, besides the engine's. */
  folders: readonly string[];
  entries: () => AllowEntry[];
};

/** What the last look at the host found. `network` and `disk` are set when something has to wait for them. */
export type HostState = {
  capabilities?: Capabilities;
  engineProblem?: string;
  network?: Block;
  disk?: Block;
};

/** A look at the rules before a start is good for this long. */
const CHECK_MS = 1_000;
const RETRY_MS = 5_000;

export const bridgeOf = (instanceUid: string): string => `wd-${instanceUid.slice(0, 8)}`;

const text = (error: unknown) => (error instanceof WorkdockError ? `${error.message}; ${error.hint}` : String(error));

/** Owns network, firewall rules and disk watch, under its own key: it has nothing to do with any one workspace. */
export function makeHost(deps: Deps) {
  const { runtime, instance, firewall, clock } = deps;
  const { uid } = instance.get();
  const bridge = bridgeOf(uid);
  const diskWatch = makeDiskWatch();
  let state: HostState = {};
  let checkedAt = Number.NEGATIVE_INFINITY;

  const rules = () => desiredRules(tagOf(uid), bridge, deps.entries());

  async function networkSpec(): Promise<NetworkSpec> {
    const taken = [...(await hostRoutes(bridge)), ...(await runtime.takenSubnets())];
    const chosen = chooseSubnet({ configured: deps.configuredSubnet, remembered: instance.get().subnet, taken });
    if ('problem' in chosen) throw new WorkdockError('ENGINE_REFUSED', chosen.problem, { hint: 'see doctor' });
    const { subnet } = chosen;
    if (instance.get().subnet !== subnet) await instance.update((record) => ({ ...record, subnet }));
    const { base } = parseSubnet(subnet)!;
    return { name: deps.networkName, bridge, subnet, gateway: formatAddress(base + 1) };
  }

  async function network(): Promise<Block | undefined> {
    try {
      await runtime.ensureNetwork(await networkSpec());
    } catch (error) {
      if (error instanceof WorkdockError && error.policy.retry === 'wait') throw error;
      return { reason: 'NetworkMissing', message: text(error), retryAfterMs: RETRY_MS };
    }
    return guard();
  }

  async function guard(): Promise<Block | undefined> {
    try {
      await firewall.ensure(rules());
      checkedAt = clock.monotonic();
      return undefined;
    } catch (error) {
      return { reason: 'NetworkUnguarded', message: text(error), retryAfterMs: RETRY_MS };
    }
  }

  return {
    state: (): HostState => state,
    /** One look, with repairs. Never throws: what is wrong is in the state. */
    look: async (): Promise<HostState> => {
      let capabilities: Capabilities | undefined;
      let engineProblem: string | undefined;
      let blocked: Block | undefined;
      try {
        capabilities = await runtime.capabilities();
        blocked = await network();
      } catch (error) {
        engineProblem = text(error);
      }
      const root = capabilities?.rootDir ?? state.capabilities?.rootDir;
      const full = await diskWatch([...(root ? [root] : []), ...deps.folders]);
      state = {
        ...(capabilities && { capabilities }),
        ...(engineProblem && { engineProblem }),
        ...(blocked && { network: blocked }),
        ...(full && { disk: { reason: 'DiskPressure', message: full, retryAfterMs: RETRY_MS } }),
      };
      return state;
    },
    /** Right before a start: are the rules in place now? Mends them if not, and says so when that fails. */
    guarded: async (): Promise<Block | undefined> => {
      if (state.network?.reason === 'NetworkMissing') return state.network;
      if (clock.monotonic() - checkedAt < CHECK_MS) return state.network;
      const blocked = await guard();
      const { network: _network, ...rest } = state;
      state = { ...rest, ...(blocked && { network: blocked }) };
      return blocked;
    },
  };
}
export type Host = ReturnType<typeof makeHost>;
