import type { NetworkInspectInfo } from 'dockerode';
import { WorkdockError } from '../../lib/errors.ts';
import type { NetworkSpec } from '../../model/runtime.ts';
import type { Engine } from './connect.ts';
import { label } from './labels.ts';

const ICC = 'com.docker.network.bridge.enable_icc';
const BRIDGE = 'com.docker.network.bridge.name';

type Deps = { engine: Engine; instanceUid: string };
type Problem = { problem?: string };

/** What is wrong with a network of our name; nothing when it is as wanted. */
function compare(network: NetworkInspectInfo, wanted: NetworkSpec, instanceUid: string): Problem {
  if (network.Labels?.[label.instance] !== instanceUid)
    return { problem: `the network ${wanted.name} exists and is not ours: choose another prefix or remove it` };
  const subnets = (network.IPAM?.Config ?? []).map(({ Subnet }) => Subnet);
  const facts = {
    driver: [network.Driver, 'bridge'],
    bridge: [network.Options?.[BRIDGE], wanted.bridge],
    'inter-container traffic': [network.Options?.[ICC], 'false'],
    subnet: [subnets.join(), wanted.subnet],
    IPv6: [String(network.EnableIPv6), 'false'],
  };
  const wrong = Object.entries(facts).find(([, [is, should]]) => is !== should);
  if (!wrong) return {};
  const [name, [is, should]] = wrong;
  return {
    problem: `the ${name} of the network ${wanted.name} is ${is}, not ${should}: stop its workspaces and remove it`,
  };
}

/** The one bridge that all workspaces sit in, without traffic between them. */
export function makeNetwork({ engine, instanceUid }: Deps) {
  const all = () =>
    engine.read('list networks', (docker, abortSignal) => docker.listNetworks({ abortSignal } as object));
  /** Names of networks are not unique (two creates at once make two), and filters match parts of them. */
  const named = async (name: string) => (await all()).filter((network) => network.Name === name);
  const state = async (wanted: NetworkSpec): Promise<Problem | null> => {
    const found = await named(wanted.name);
    if (found.length > 1) return { problem: `there are ${found.length} networks named ${wanted.name}: remove all` };
    return found[0] ? compare(found[0], wanted, instanceUid) : null;
  };
  const create = (wanted: NetworkSpec) =>
    engine.mutate(`create network ${wanted.name}`, (docker, abortSignal) =>
      docker.createNetwork({
        Name: wanted.name,
        CheckDuplicate: true,
        Driver: 'bridge',
        EnableIPv6: false,
        IPAM: { Driver: 'default', Config: [{ Subnet: wanted.subnet, Gateway: wanted.gateway }] },
        Options: { [BRIDGE]: wanted.bridge, [ICC]: 'false' },
        Labels: { [label.instance]: instanceUid },
        abortSignal,
      }),
    );

  return {
    network: state,
    ensureNetwork: async (wanted: NetworkSpec): Promise<void> => {
      const now = await state(wanted);
      if (now === null) return void (await create(wanted));
      if (!now.problem) return;
      throw new WorkdockError('REFUSED', now.problem, { hint: 'workspaces with network.mode none still start' });
    },
    takenSubnets: async (): Promise<string[]> => {
      const others = (await all()).filter((network) => network.Labels?.[label.instance] !== instanceUid);
      return others.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : [])));
    },
  };
}
