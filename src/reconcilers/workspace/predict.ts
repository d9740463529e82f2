import type { Container, Observed } from '../../model/observed.ts';
import { type Step, TO_BE_CREATED } from '../../model/step.ts';

type Slots = Pick<Observed, 'current' | 'aside' | 'strays'>;

const each = ({ current, aside, strays }: Slots, change: (c: Container) => Container): Slots => ({
  ...(current && { current: change(current) }),
  ...(aside && { aside: change(aside) }),
  strays: strays.map(change),
});

const without = ({ current, aside, strays }: Slots, id: string): Slots => ({
  ...(current && current.id !== id && { current }),
  ...(aside && aside.id !== id && { aside }),
  strays: strays.filter((c) => c.id !== id),
});

const find = ({ current, aside, strays }: Slots, id: string) => [current, aside, ...strays].find((c) => c?.id === id);

const on = (slots: Slots, id: string, change: Partial<Container>): Slots =>
  each(slots, (c) => (c.id === id ? { ...c, ...change } : c));

const made = (step: Extract<Step, { op: 'create' }>, imageId: string): Container => ({
  id: TO_BE_CREATED,
  name: step.fitted.name,
  state: 'created',
  hash: step.fitted.hash,
  generation: step.generation,
  imageRef: step.fitted.image.ref,
  imageId,
  limits: step.fitted.limits,
  networks: step.fitted.networkName ? [step.fitted.networkName] : [],
  address: null,
  createdAt: '',
  exitCode: 0,
  error: '',
  oomKilled: false,
});

/** What the world looks like once `step` has succeeded: the model by which a whole plan is told from its first step. */
export function predict(before: Observed, step: Step): Observed {
  const { current: _current, aside: _aside, strays: _strays, ...rest } = before;
  const world = (slots: Slots): Observed => ({ ...rest, ...slots });
  switch (step.op) {
    case 'ensureImage':
      return { ...before, imageId: '(to be pulled)' };
    case 'ensureHome':
      return { ...before, home: { kind: 'ready' } };
    case 'create':
      return { ...before, current: made(step, before.imageId ?? '') };
    case 'update':
      return world(on(before, step.id, { limits: step.limits }));
    case 'connect': {
      const network = step.fitted.networkName ?? '';
      return world(on(before, step.id, { networks: [network], address: step.fitted.address }));
    }
    case 'disconnect': {
      const left = find(before, step.id)?.networks.filter((network) => network !== step.network) ?? [];
      return world(on(before, step.id, { networks: left }));
    }
    case 'start':
      return world(on(before, step.id, { state: 'running', startedAt: new Date(before.at).toISOString(), error: '' }));
    case 'stop':
      return world(on(before, step.id, { state: 'exited', finishedAt: new Date(before.at).toISOString() }));
    case 'pause':
      return world(on(before, step.id, { state: 'paused' }));
    case 'unpause':
      return world(on(before, step.id, { state: 'running' }));
    case 'setAside': {
      const aside = find(before, step.id);
      return world({ ...without(before, step.id), ...(aside && { aside }) });
    }
    case 'restore': {
      const current = find(before, step.id);
      return world({ ...without(before, step.id), ...(current && { current }) });
    }
    case 'remove':
      return world(without(before, step.id));
  }
}
