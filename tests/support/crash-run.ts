import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { begin, type Scenario } from './crash-scenarios.ts';
import { type Controller, type Lab, openLab } from './lab.ts';
import { randomSubnet } from './prefix.ts';
import { watchRuns } from './run-watch.ts';
import { type Call, type Moment, openSocketProxy } from './socket-proxy.ts';
import { until } from './until.ts';

/** Where the controller is killed: at the n-th mutating call of the change. */
export type Point = { at: number; when: Moment };
export type Outcome = { calls: readonly Call[]; convergedMs: number };

const STOP_GRACE_MS = 3_000;
/** Semantics, crash matrix: converged 10 s after the restart, and the stop grace. The caller judges by it. */
export const DEADLINE_MS = 10_000 + STOP_GRACE_MS;
const GIVEN_UP_MS = 60_000;

/** Every name, mode, owner and byte of the homes, but for the notes that the controller leaves there. */
function digestOf(homes: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(homes, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of names.filter((each) => !each.split('/').includes('.workdock'))) {
    const path = join(homes, name);
    const stats = lstatSync(path);
    // A note that comes or goes changes the time of the home itself, and of nothing else.
    const time = name.includes('/') ? stats.mtimeMs : '';
    hash.update(`${name} ${stats.mode} ${stats.uid} ${stats.gid} ${time}\n`);
    if (stats.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

const temporaries = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));

const check = (is: boolean, what: string) => {
  if (!is) throw new Error(what);
};

/**
 * Makes the change of a scenario in a lab of its own and kills the controller at `point` (null: lets it live), starts
 * it again and waits until it has converged.
 * @throws when it never does, or when anything was doubled, made anew, or lost on the way.
 */
export async function runCrash(scenario: Scenario, point: Point | null): Promise<Outcome> {
  const proxy = await openSocketProxy();
  const lab = openLab(`resync: 2s\nnetwork: {subnet: ${randomSubnet().subnet}}\n`, { DOCKER_HOST: proxy.host });
  const runs = await watchRuns(lab.docker, lab.prefix);
  const homes = join(lab.data, 'users');
  try {
    let controller: Controller | undefined;
    begin(lab, scenario);
    if (!scenario.startsWithChange) {
      controller = await lab.up({ ready: false });
      await lab.phase('ada', 'Running', 60_000);
      writeFileSync(join(homes, 'ada', 'note'), 'kept\n'.repeat(10_000));
      await scenario.prepare?.(lab);
    }
    const before = controller && { id: (await lab.inspect('ada')).Id, home: digestOf(homes) };
    const createdBefore = runs.created();
    proxy.reset();
    if (point) proxy.setTrap({ ...point, act: () => void controller?.kill('SIGKILL') });
    controller ??= await lab.up({ ready: false });
    await scenario.change(lab);
    if (point) {
      await until(() => proxy.calls().length >= point.at, {
        deadlineMs: 60_000,
        what: () => `call ${point.at} of ${proxy.calls().length} ${controller?.log().slice(-2000)}`,
      });
      await controller.ended;
      controller = await lab.up({ ready: false });
    }
    const startMs = performance.now();
    const { pid } = controller;
    await until(() => isThrough(lab, scenario, pid), {
      deadlineMs: GIVEN_UP_MS,
      what: () => `${JSON.stringify(lab.status('ada'), null, 1)}\n${controller?.log().slice(-3000)}`,
    });
    const outcome = { calls: [...proxy.calls()], convergedMs: Math.round(performance.now() - startMs) };
    check(runs.mostAtOnce() <= 1, `${runs.mostAtOnce()} containers ran at once`);
    const created = runs.created() - createdBefore;
    check(created === scenario.end.created, `${created} containers were made instead of ${scenario.end.created}`);
    const { Id } = await lab.inspect('ada');
    check(!before || !scenario.end.keepsId || Id === before.id, 'the container was made anew');
    check(!before || digestOf(homes) === before.home, 'the home is not as it was');
    // One may be there because the controller writes at this moment.
    const isTidy = () => temporaries(lab.state).length + temporaries(lab.data).length === 0;
    await until(isTidy, { what: 'temporary files are left' });
    check(readdirSync(homes).join() === 'ada', `homes: ${readdirSync(homes).join()}`);
    return outcome;
  } finally {
    runs.close();
    await lab.dispose();
    await proxy.close();
  }
}

/** The engine is as the scenario ends, and the controller that runs now says so. */
async function isThrough(lab: Lab, { end }: Scenario, pid: number): Promise<boolean> {
  const status = lab.status('ada');
  if (status?.phase !== end.phase || lab.summary().controller.pid !== pid) return false;
  const current = await lab.inspect('ada');
  if (status.container?.id !== current.Id || status.plan.length > 0) return false;
  const all = (await lab.mine()).filter(({ Labels }) => Labels['dev.workdock.name'] === 'ada');
  return all.length === end.containers && end.isSo(current, lab);
}
