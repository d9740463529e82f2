import type { ContainerInspectInfo } from 'dockerode';
import { WorkdockError } from '../../lib/errors.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Engine } from './connect.ts';
import { networksOf } from './container-view.ts';
import { allow } from './errors.ts';
import type { Find } from './find.ts';

type Deps = { engine: Engine; find: Find };

const isAttached = (info: ContainerInspectInfo, name: string) => name in (info.NetworkSettings.Networks ?? {});

/**
 * Moving a container between networks without a restart. A container is in `none` or in others, never both, and one
 * that is in no network at all would get its first one back at the next start: so the last place is always taken.
 */
export function makeAttach({ engine, find }: Deps) {
  const must = async (id: string): Promise<ContainerInspectInfo> => {
    const info = await find.inspect(id);
    if (info) return info;
    const hint = 'it was removed at the same time; looked at again';
    throw new WorkdockError('ENGINE_CONFLICT', `container ${id} is gone`, { hint });
  };
  const leave = (Container: string, network: string) =>
    allow(
      404,
      engine.mutate(`disconnect ${network}`, (docker, abortSignal) =>
        docker.getNetwork(network).disconnect({ Container, Force: true, abortSignal } as object),
      ),
    );
  const join = (Container: string, network: string, address: string | null) =>
    engine.mutate(`connect ${network}`, (docker, abortSignal) => {
      const EndpointConfig = address === null ? {} : { IPAMConfig: { IPv4Address: address } };
      return docker.getNetwork(network).connect({ Container, EndpointConfig, abortSignal } as object);
    });

  const disconnect = async (id: string, network: string): Promise<void> => {
    const info = await must(id);
    if (isAttached(info, network)) await leave(id, network);
    const rest = networksOf(info).filter((name) => name !== network);
    if (rest.length === 0 && !isAttached(info, 'none')) await join(id, 'none', null);
  };
  const there = async (): Promise<Set<string>> => {
    const all = await engine.read('list networks', (docker, abortSignal) =>
      docker.listNetworks({ abortSignal } as object),
    );
    return new Set(all.map(({ Id }) => Id));
  };

  return {
    /** It leaves networks that somebody removed meanwhile: they would keep it from starting for ever. */
    leaveLost: async ({ Id, NetworkSettings: { Networks = {} } }: ContainerInspectInfo, own: string | null) => {
      const others = Object.entries(Networks).filter(([name]) => name !== own && name !== 'none');
      if (others.length === 0) return;
      const known = await there();
      for (const [name, { NetworkID }] of others) if (!known.has(NetworkID)) await disconnect(Id, name);
    },
    connect: async (id: string, { networkName, address }: Fitted): Promise<void> => {
      if (networkName === null) return;
      const info = await must(id);
      if (isAttached(info, networkName)) {
        const now = info.NetworkSettings.Networks[networkName]!;
        if ((now.IPAMConfig?.IPv4Address ?? now.IPAddress) === address) return;
        await leave(id, networkName);
      }
      if (isAttached(info, 'none')) await leave(id, 'none');
      await join(id, networkName, address);
    },
    disconnect,
  };
}
