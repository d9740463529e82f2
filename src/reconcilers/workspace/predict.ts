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

const made = (step: Extract<Step, { op: 'create' }>, { imageId, ownName }: Observed): Container => ({
  id: TO_BE_CREATED,
  name: ownName,
  state: 'created',
  hash: step.fitted.hash,
  generation: step.generation,
  imageRef: step.fitted.image.ref,
  imageId: imageId ?? '',
  limits: step.fitted.limits,
  networks: step.fitted.networkName ? [step.fitted.networkName] : [],
  address: step.fitted.address,
  createdAt: '',
  exitCode: 0,
  error: '',
  oomKilled: false,
});

/** A new run begins after the one before it, even within one tick of the clock. */
const later = (c: Container | undefined, { at }: Observed): string => {
  const now = new Date(at).toISOString();
  return now === c?.startedAt ? new Date(at + 1).toISOString() : now;
};

/** Nobody knows with which code it will end; 143 is what TERM gives a process that does not catch it. */
function ended(
  { pid: _pid, memoryInUseBytes: _inUse, oomKills: _kills, ...c }: Container,
  { at }: Observed,
): Container {
  return { ...c, state: 'exited', exitCode: 143, finishedAt: new Date(at).toISOString() };
}

const updated = ({ restartPolicy: _policy, ...c }: Container, limits: Partial<Container['limits']>): Container => ({
  ...c,
  limits: { ...c.limits, ...limits },
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
    case 'trashHome':
      return { ...before, home: { kind: 'absent' } };
    case 'create':
      return { ...before, current: made(step, before) };
    case 'update':
      return world(each(before, (c) => (c.id === step.id ? updated(c, step.limits) : c)));
    case 'connect': {
      const network = step.fitted.networkName ?? '';
      // What is on other networks as well has left them before, unless that is left to hands.
      const networks = [...new Set([...(find(before, step.id)?.networks ?? []), network])];
      return world(on(before, step.id, { networks, address: step.fitted.address }));
    }
    case 'disconnect': {
      const c = find(before, step.id);
      const left = c?.networks.filter((network) => network !== step.network) ?? [];
      // Of the networks that stay only the next look tells the address.
      const address = left[0] === c?.networks[0] ? (c?.address ?? null) : null;
      return world(on(before, step.id, { networks: left, address }));
    }
    case 'start':
      return world(
        on(before, step.id, { state: 'running', startedAt: later(find(before, step.id), before), error: '' }),
      );
    case 'stop':
      return world(each(before, (c) => (c.id === step.id ? ended(c, before) : c)));
    case 'pause':
      return world(on(before, step.id, { state: 'paused' }));
    case 'unpause':
      return world(on(before, step.id, { state: 'running' }));
    case 'setAside': {
      const aside = find(before, step.id);
      const name = `${before.ownName}.old.${step.generation}`;
      return world({ ...without(before, step.id), ...(aside && { aside: { ...aside, name } }) });
    }
    case 'restore': {
      const current = find(before, step.id);
      return world({ ...without(before, step.id), ...(current && { current: { ...current, name: before.ownName } }) });
    }
    case 'remove':
      return world(without(before, step.id));
  }
}
