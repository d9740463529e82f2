import { begin, end, type FakeContainer, type FakeEngine, isUp } from './engine.ts';
import { type FakeSignals, setSignals } from './signals.ts';

/** What people do to containers behind the controller's back. Unknown names are a success: hands are late sometimes. */
export function makeHands(engine: FakeEngine) {
  const on = (name: string, act: (c: FakeContainer) => void) => {
    const c = [...engine.containers.values()].find((item) => item.name === name);
    if (c) act(c);
  };
  return {
    rm: (name: string) => on(name, (c) => void engine.containers.delete(c.id)),
    stop: (name: string) => on(name, (c) => isUp(c) && end(engine, c, 143)),
    kill: (name: string) => on(name, (c) => isUp(c) && end(engine, c, 137)),
    /** Its command ends by itself. */
    exit: (name: string, code: number) => on(name, (c) => isUp(c) && end(engine, c, code)),
    start: (name: string) => on(name, (c) => !isUp(c) && begin(engine, c)),
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
    restartPolicy: (name: string, policy: string) =>
      on(name, (c) => {
        c.restartPolicy = policy;
      }),
    disconnect: (name: string) => on(name, (c) => c.networks.clear()),
    /** Removed, and made again by hand from another image with our labels. */
    swapImage: (name: string, imageRef: string) =>
      on(name, (c) => {
        c.imageRef = imageRef;
        c.imageId = `sha256:${imageRef}`;
      }),
    /** What is seen of it from now on: `{cores: 1}` a busy loop, `{kernels: …}`, `{unreadable: {cpuNs: 'why'}}`. */
    signals: (name: string, change: Partial<FakeSignals>) => on(name, (c) => setSignals(engine, c, change)),
    /** Somebody types into a terminal, which opens when it is not there. */
    type: (name: string, terminal = 'pts/0') =>
      on(name, (c) => {
        const others = c.signals.terminals.filter((one) => one.name !== terminal);
        setSignals(engine, c, { terminals: [...others, { name: terminal, inputAtMs: engine.now() }] });
      }),
    /** Something is left in the container itself, such as a package. */
    write: (name: string, path: string, bytes: number) => on(name, (c) => void c.written.set(path, bytes)),
    use: (name: string, memoryBytes: number) =>
      on(name, (c) => {
        c.memoryInUseBytes = memoryBytes;
      }),
  };
}
