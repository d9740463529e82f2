import { readFile } from 'node:fs/promises';
import { WorkdockError } from '../../lib/errors.ts';
import type { Condition, HostConditionType } from '../../model/conditions.ts';
import type { Capabilities } from '../../model/fitted.ts';
import type { NetworkSpec, Runtime } from '../../model/runtime.ts';
import type { InstanceStore } from '../../model/store.ts';
import type { DiskState, DiskWatch } from './disk.ts';
import type { Firewall, GuardState } from './firewall.ts';
import type { GuardEntry } from './firewall-rules.ts';
import { parseRoutes } from './routes.ts';
import { bridgeName, chooseSubnet, networkSpec } from './subnet.ts';

export type HostFinding = Pick<Condition<HostConditionType>, 'type' | 'status' | 'reason' | 'message'>;

/** What one pass over the host came to. */
export type HostReport = {
  findings: HostFinding[];
  /** Absent when the engine did not answer. */
  capabilities?: Capabilities;
  /** The network workspaces may join; null while it is missing or not ours. */
  network: NetworkSpec | null;
};

type Deps = {
  runtime: Pick<Runtime, 'capabilities' | 'network' | 'ensureNetwork' | 'takenSubnets'>;
  firewall: Firewall;
  disk: DiskWatch;
  instance: InstanceStore;
  prefix: string;
  /** From the config; null = choose. */
  subnet: string | null;
  /** Data and state folder. */
  folders: readonly string[];
  /** All workspaces with their fixed addresses. */
  entries: () => readonly GuardEntry[];
  procRoot?: string;
};

type Network = { network: NetworkSpec; problem?: undefined } | { network: null; problem: GuardState & { ok: false } };

const reachable = (found: Capabilities | WorkdockError): HostFinding =>
  found instanceof WorkdockError
    ? {
        type: 'EngineReachable',
        status: 'False',
        reason: found.code === 'ENGINE_TIMEOUT' ? 'TimedOut' : 'Unreachable',
        message: `${found.message}: ${found.hint}`,
      }
    : {
        type: 'EngineReachable',
        status: 'True',
        reason: 'Answers',
        message: `engine ${found.engine}, API ${found.apiVersion}`,
      };

const guarded = (state: GuardState): HostFinding => ({
  type: 'NetworkGuarded',
  status: state.ok ? 'True' : 'False',
  reason: state.ok ? 'Guarded' : state.reason,
  message: state.ok ? 'network and rules are in place' : state.message,
});

const pressed = ({ pressure, message }: DiskState): HostFinding => ({
  type: 'DiskPressure',
  status: pressure === null ? 'Unknown' : pressure ? 'True' : 'False',
  reason: pressure === null ? 'Unreadable' : pressure ? 'LowSpace' : 'EnoughSpace',
  message,
});

/** Keeps network and rules of the host as they should be, and says what is wrong with it. Never throws. */
export function makeHostReconcile(deps: Deps) {
  const { runtime, firewall, disk, instance, prefix, folders, entries, procRoot = '/proc' } = deps;

  /**
   * A subnet once in use stays: its network exists, and the route through its bridge is our own. Otherwise the
   * remembered one is taken again when it is still free.
   */
  const chooseNetwork = async (): Promise<Network> => {
    const { uid, subnet: remembered } = instance.get();
    const wanted = deps.subnet ?? remembered ?? null;
    if (wanted !== null && wanted === remembered) {
      const spec = networkSpec(prefix, uid, wanted);
      if ((await runtime.network(spec)) !== null) return { network: spec };
    }
    const text = await readFile(`${procRoot}/net/route`, 'utf8').catch(() => '');
    const routes = parseRoutes(text).filter(({ via }) => via !== bridgeName(uid));
    const claims = { routes, subnets: await runtime.takenSubnets() };
    const first = chooseSubnet(wanted, claims);
    const chosen = first.ok || deps.subnet !== null ? first : chooseSubnet(null, claims);
    if (!chosen.ok) return { network: null, problem: chosen };
    if (chosen.subnet !== remembered) await instance.update((record) => ({ ...record, subnet: chosen.subnet }));
    return { network: networkSpec(prefix, uid, chosen.subnet) };
  };
  const ensureNetwork = async (): Promise<Network> => {
    const chosen = await chooseNetwork();
    if (chosen.network === null) return chosen;
    try {
      await runtime.ensureNetwork(chosen.network);
      return chosen;
    } catch (error) {
      const { code, message, hint } = WorkdockError.wrap(error, 'INTERNAL', String(error), 'report it');
      const reason = code === 'REFUSED' ? 'NetworkUnusable' : 'NetworkMissing';
      return { network: null, problem: { ok: false, reason, message: `${message}: ${hint}` } };
    }
  };

  return async (): Promise<HostReport> => {
    const found = await runtime
      .capabilities()
      .catch((error: unknown) => WorkdockError.wrap(error, 'ENGINE_FAILED', String(error), 'see the engine'));
    const root = found instanceof WorkdockError ? undefined : found.rootDir;
    const space = disk([...folders, ...(root === undefined ? [] : [root])]);
    if (found instanceof WorkdockError) {
      const unknown: HostFinding = {
        type: 'NetworkGuarded',
        status: 'Unknown',
        reason: 'EngineUnreachable',
        message: 'the engine does not answer',
      };
      return { findings: [reachable(found), unknown, pressed(await space)], network: null };
    }
    const { network, problem } = await ensureNetwork().catch(
      (error: unknown): Network => ({
        network: null,
        problem: { ok: false, reason: 'NetworkMissing', message: `the network cannot be made: ${String(error)}` },
      }),
    );
    const rules = await firewall.ensure(entries());
    return {
      findings: [reachable(found), guarded(problem ?? rules), pressed(await space)],
      capabilities: found,
      network,
    };
  };
}
