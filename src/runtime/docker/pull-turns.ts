import { makeSemaphore } from '../../lib/async.ts';

/** Different images at once: one registry that hangs holds up its own, and many of them do not swamp the engine. */
const PER_REGISTRY = 4;
const AT_ONCE = 32;

/** As the engine reads it: only a first part with a dot or a port, or localhost, is a host. */
export function registryOf(ref: string): string {
  const [host = '', ...path] = ref.split('/');
  return path.length > 0 && (/[.:]/.test(host) || host === 'localhost') ? host : 'docker.io';
}

/** Gives each pull its turn. Who asks for an image that is being pulled, or waits for its turn, shares that pull. */
export function makePullTurns() {
  const all = makeSemaphore(AT_ONCE);
  const registries = new Map<string, ReturnType<typeof makeSemaphore>>();
  const pulls = new Map<string, Promise<void>>();

  return (ref: string, pull: () => Promise<void>): Promise<void> => {
    const shared = pulls.get(ref);
    if (shared !== undefined) return shared;
    const registry = registryOf(ref);
    const own = registries.get(registry) ?? makeSemaphore(PER_REGISTRY);
    registries.set(registry, own);
    const turn = own(() => all(pull)).finally(() => pulls.delete(ref));
    pulls.set(ref, turn);
    return turn;
  };
}
