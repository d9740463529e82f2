import { type FakeContainer, makeFakeEngine } from '../../src/runtime/fake/engine.ts';
import { makeFakeRuntime } from '../../src/runtime/fake/fake-runtime.ts';
import { makeHands } from '../../src/runtime/fake/hands.ts';
import { aFitted } from '../support/fitted.ts';
import { execContract } from './exec.contract.ts';
import { logsContract } from './logs.contract.ts';
import { type ContractWorld, runtimeContract } from './runtime.contract.ts';

const make = async (): Promise<ContractWorld> => {
  const engine = makeFakeEngine();
  const runtime = makeFakeRuntime(engine);
  const hands = makeHands(engine);
  const image = aFitted().image.ref;
  engine.images.set(image, 'sha256:1');
  const at = (id: string): FakeContainer => engine.containers.get(id)!;
  const on =
    (act: (name: string) => void) =>
    async (id: string): Promise<void> =>
      act(at(id).name);
  return {
    runtime,
    network: { name: 'ws-net', bridge: 'ws-br', subnet: '10.99.0.0/24', gateway: '10.99.0.1' },
    fitted: (over = {}) => {
      const name = over.name ?? 'ada';
      return aFitted({ homeSource: `/data/users/${name}`, ...over, name });
    },
    unstartable: () => {
      const fitted = aFitted({ env: { BROKEN: 'yes' } });
      engine.unstartable.add(fitted.hash);
      return fitted;
    },
    speaker: () => {
      const fitted = aFitted({ env: { SPEAKS: 'yes' } });
      const lines = ['one', 'two', 'three'].map((line) => ({ stream: 'stdout' as const, line }));
      engine.logs.set(fitted.hash, [{ stream: 'stderr', line: 'apart' }, ...lines]);
      return fitted;
    },
    limitsInside: async (id) => {
      const { nanoCpus, memoryBytes, pids } = at(id).limits;
      return { cpus: nanoCpus / 1e9, memoryBytes, pids };
    },
    hands: {
      rm: on(hands.rm),
      stop: on(hands.stop),
      kill: on(hands.kill),
      pause: on(hands.pause),
      rename: async (id, to) => hands.rename(at(id).name, to),
      update: async (id, memoryBytes) => hands.update(at(id).name, memoryBytes),
      disconnectNetwork: on(hands.disconnect),
      write: async (id, bytes) => hands.write(at(id).name, '/opt/tool', bytes),
      foreign: async (name, { homeSource } = aFitted({ homeSource: '/theirs' })) => {
        const fitted = aFitted({ name: 'theirs', homeSource });
        await runtime.ensureHome(fitted);
        const id = await runtime.create(fitted, 1);
        Object.assign(at(id), { workspace: null, name });
        return id;
      },
    },
    containerName: (name) => `ws-${name}`,
    dispose: async () => undefined,
  };
};

runtimeContract('fake', make);
execContract('fake', make);
logsContract('fake', make);
