import type Docker from 'dockerode';
import type { Clock } from '../../lib/clock.ts';
import type { Adopted } from '../../model/runtime.ts';
import type { CgroupRoots } from './cgroup.ts';
import type { Engine } from './connect.ts';
import { allow } from './errors.ts';
import { makeFollow } from './exec.ts';
import { isSized } from './exec-command.ts';
import type { Find } from './find.ts';

type Deps = { engine: Engine; clock: Clock; roots: CgroupRoots; find: Find };

/** Fields of an exec's inspection that the types leave out. */
type Made = { Running: boolean; ProcessConfig?: { tty?: boolean; arguments?: string[] | null } };

/**
 * Terminals whose client went with the controller that served it: a killed one hangs up nobody, and Docker keeps them
 * open. `mine` has the commands of this one. Returns how many there were.
 */
export function makeHangUpLeftovers(deps: Deps, mine: ReadonlySet<string>) {
  const { engine, find } = deps;
  const follow = makeFollow(deps);

  const ofContainer = async (id: string): Promise<Docker.Exec[]> => {
    const execIds = ((await find.inspect(id)) as { ExecIDs?: string[] | null } | undefined)?.ExecIDs ?? [];
    const others = execIds.filter((execId) => !mine.has(execId)).map((execId) => engine.docker.getExec(execId));
    const wanted = await Promise.all(
      others.map(async (exec) => {
        const call = engine.read('inspect exec', (_docker, abortSignal) => exec.inspect({ abortSignal }));
        const { Running, ProcessConfig } = ((await allow(404, call)) ?? { Running: false }) as Made;
        return Running && ProcessConfig?.tty === true && isSized(ProcessConfig.arguments ?? []);
      }),
    );
    return others.filter((_, index) => wanted[index]);
  };

  return async (adopted?: Adopted): Promise<number> => {
    const rows = [...(await find.listing(adopted)).values()].flat().filter(({ state }) => state === 'running');
    const counts = await Promise.all(
      rows.map(async ({ id }) => {
        const left = await ofContainer(id);
        await Promise.all(left.map((exec) => follow(exec, id).processes.hangUp()));
        return left.length;
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
}
