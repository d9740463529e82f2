import { end, type FakeContainer, type FakeEngine } from './engine.ts';

/** What people do to containers behind the controller's back. Unknown names are a success: hands are late sometimes. */
export function makeHands(engine: FakeEngine) {
  const on = (name: string, act: (c: FakeContainer) => void) => {
    const c = [...engine.containers.values()].find((item) => item.name === name);
    if (c) act(c);
  };
  const isUp = (c: FakeContainer) => c.state === 'running' || c.state === 'paused';
  return {
    rm: (name: string) => on(name, (c) => void engine.containers.delete(c.id)),
    stop: (name: string) => on(name, (c) => isUp(c) && end(engine, c, 143)),
    kill: (name: string) => on(name, (c) => isUp(c) && end(engine, c, 137)),
    pause: (name: string) =>
      on(name, (c) => {
        if (c.state === 'running') c.state = 'paused';
      }),
    rename: (name: string, to: string) =>
      on(name, (c) => {
        c.name = to;
      }),
    update: (name: string, memoryBytes: number) =>
      on(name, (c) => {
        c.limits = { ...c.limits, memoryBytes };
      }),
    disconnect: (name: string) => on(name, (c) => c.networks.clear()),
  };
}
