import type { Clock } from '../../../lib/clock.ts';
import type { Runtime } from '../../../model/runtime.ts';
import type { CgroupRoots } from '../cgroup.ts';
import { makeAskJupyter } from './jupyter.ts';
import { makeProcesses } from './processes.ts';
import { makeReadSignals } from './read-signals.ts';
import { makeReadSoon } from './soon.ts';
import { makeTellTerminals } from './tell.ts';

type Deps = { roots: CgroupRoots; clock: Clock };

/** What is seen of a running container, and told to it, from outside. */
export function makeSignals({ roots, clock }: Deps): Pick<Runtime, 'readSignals' | 'processes' | 'tellTerminals'> {
  const sources = { roots, readSoon: makeReadSoon() };
  return {
    readSignals: makeReadSignals({ roots, clock, askJupyter: makeAskJupyter(sources) }),
    processes: makeProcesses(sources),
    tellTerminals: makeTellTerminals(roots),
  };
}
