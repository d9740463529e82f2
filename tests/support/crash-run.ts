import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { begin, type Scenario } from './crash-scenarios.ts';
import { type Controller, type Lab, openLab, type Reply } from './lab.ts';
import { randomSubnet } from './prefix.ts';
import { watchRuns } from './run-watch.ts';
import { type Call, type Moment, openSocketProxy } from './socket-proxy.ts';
import { until } from './until.ts';

/** Something that makes a write last: `rename data/.workdock/intents/ada.json`, the n-th such since the change. */
export type Write = { key: string; nth: number };
/** Where the controller is killed: at the n-th mutating call of the change, or at a write. */
export type Point = { at: number; when: Moment } | { write: Write; when: Exclude<Moment, 'during'> };
/** `reached` false: it converged and never came to the point; writes of the status come together as time has it. */
export type Outcome = { calls: readonly Call[]; writes: Write[]; convergedMs: number; reached: boolean };

const STOP_GRACE_MS = 3_000;
/** Semantics, crash matrix: converged 10 s after the restart, and the stop grace. The caller judges by it. */
export const DEADLINE_MS = 10_000 + STOP_GRACE_MS;
const GIVEN_UP_MS = 60_000;
const shim = `--import=${resolve('tests/support/durable-shim.ts')}`;

/** Every name, mode, owner and byte of a home, but for the notes that the controller leaves there. */
function digestOf(home: string): string {
  const hash = createHash('sha256');
  const names = ['.', ...readdirSync(home, { recursive: true, encoding: 'utf8' }).sort()];
  for (const name of names.filter((each) => !each.split('/').includes('.workdock'))) {
    const path = join(home, name);
    const stats = lstatSync(path);
    // A note that comes or goes changes the time of the home itself, and of nothing else.
    hash.update(`${name} ${stats.mode} ${stats.uid} ${stats.gid} ${name === '.' ? '' : stats.mtimeMs}\n`);
    if (stats.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
const temporaries = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));

const check = (is: boolean, what: string) => {
  if (!is) throw new Error(what);
};

/** The one home there is, below `users` or in the trash. */
function homeOf(lab: Lab, { end }: Scenario): string {
  const [users, trash] = ['users', 'trash'].map((folder) => namesIn(join(lab.data, folder))) as [string[], string[]];
  const text = `homes: ${users.join()}; trash: ${trash.join()}`;
  if (end.home !== 'trash') {
    check(users.join() === 'ada' && trash.length === 0, text);
    return join(lab.data, 'users', 'ada');
  }
  check(users.length === 0 && trash.length === 1 && /^ada@\d/.test(trash[0]!), text);
  return join(lab.data, 'trash', trash[0]!);
}

/** What the shim wrote down, each with its number among its like. */
function writesOf(root: string): Write[] {
  const counts = new Map<string, number>();
  const path = join(root, 'durable.log');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  return lines.map((key) => {
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return { key, nth };
  });
}

/** Whether the change was taken: a verb says so, a file needs no answer. */
const ask = ({ change }: Scenario, lab: Lab): Promise<boolean> =>
  change(lab).then(
    (reply) => (reply as Partial<Reply> | undefined)?.code === undefined || (reply as Reply).code === 0,
    () => false,
  );

/**
 * Makes the change of a scenario in a lab of its own and kills the controller at `point` (null: lets it live), starts
 * it again and waits until it has converged.
 * @throws when it never does, or when anything was doubled, made anew, or lost on the way.
 */
export async function runCrash(scenario: Scenario, point: Point | null): Promise<Outcome> {
  const proxy = await openSocketProxy();
  const config = `resync: 2s\nnetwork: {subnet: ${randomSubnet().subnet}}\n${scenario.config ?? ''}`;
  const lab = openLab(config, { DOCKER_HOST: proxy.host, NODE_OPTIONS: shim });
  const runs = await watchRuns(lab.docker, lab.prefix);
  const trap = join(lab.root, 'trap.json');
  try {
    let controller: Controller | undefined;
    begin(lab, scenario);
    let before: { id: string; home: string } | undefined;
    if (!scenario.startsWithChange) {
      controller = await lab.up({ ready: false });
      await lab.phase('ada', 'Running', 60_000);
      writeFileSync(join(lab.data, 'users', 'ada', 'note'), 'kept\n'.repeat(10_000));
      before = { id: (await lab.inspect('ada')).Id, home: digestOf(join(lab.data, 'users', 'ada')) };
      await scenario.prepare?.(lab);
    }
    const createdBefore = runs.created();
    proxy.reset();
    if (point && 'at' in point) proxy.setTrap({ ...point, act: () => void controller?.kill('SIGKILL') });
    writeFileSync(trap, JSON.stringify(point && 'write' in point ? { ...point.write, when: point.when } : {}));
    controller ??= await lab.up({ ready: false });
    const isEnded: { is: boolean } = { is: false };
    void controller.ended.then(() => {
      isEnded.is = true;
    });
    const first = controller;
    const taken = await ask(scenario, lab);
    let reached = true;
    if (point) {
      const isThere = async () => isEnded.is || ('write' in point && (await isThrough(lab, scenario, first.pid)));
      await until(isThere, {
        deadlineMs: 60_000,
        what: () => `${JSON.stringify(point)} of ${proxy.calls().length} calls: ${first.log().slice(-2000)}`,
      });
      // The last act of a change shows before the kill that follows it.
      reached = await until(() => isEnded.is, { deadlineMs: 1_000 }).catch(() => false);
    }
    const startMs = performance.now();
    if (point && reached) {
      rmSync(trap);
      controller = await lab.up({ ready: false });
      const { pid } = controller;
      const isTaken = async () => (await isThrough(lab, scenario, pid)) || ask(scenario, lab);
      if (!taken) await until(isTaken, { deadlineMs: GIVEN_UP_MS, what: () => `${controller?.log().slice(-3000)}` });
    }
    const { pid } = controller;
    await until(() => isThrough(lab, scenario, pid), {
      deadlineMs: GIVEN_UP_MS,
      what: () =>
        `${JSON.stringify(lab.status(scenario.end.name ?? 'ada'), null, 1)}\n${controller?.log().slice(-3000)}`,
    });
    const convergedMs = Math.round(performance.now() - startMs);
    check(runs.mostAtOnce() <= 1, `${runs.mostAtOnce()} containers ran at once`);
    const created = runs.created() - createdBefore;
    check(created === scenario.end.created, `${created} containers were made instead of ${scenario.end.created}`);
    if (scenario.end.keepsId) {
      const { Id } = await lab.inspect(scenario.end.name ?? 'ada');
      check(!before || Id === before.id, 'the container was made anew');
    }
    check(!before || digestOf(homeOf(lab, scenario)) === before.home, 'the home is not as it was');
    homeOf(lab, scenario);
    // One may be there because the controller writes at this moment.
    const isTidy = () => temporaries(lab.state).length + temporaries(lab.data).length === 0;
    await until(isTidy, { what: 'temporary files are left' });
    return { calls: [...proxy.calls()], writes: writesOf(lab.root), convergedMs, reached };
  } finally {
    runs.close();
    await lab.dispose();
    await proxy.close();
  }
}

/** The engine is as the scenario ends, and the controller that runs now says so. */
async function isThrough(lab: Lab, { end }: Scenario, pid: number): Promise<boolean> {
  if (!existsSync(join(lab.state, 'status.json')) || lab.summary().controller.pid !== pid) return false;
  const all = (await lab.mine()).filter(({ Labels }) => Labels['dev.workdock.name'] === 'ada');
  if (all.length !== end.containers || end.isThere?.(lab) === false) return false;
  const name = end.name ?? 'ada';
  const status = lab.status(name);
  if (name !== 'ada' && lab.status('ada')) return false;
  if (end.phase === null) return status === undefined && !('ada' in lab.summary().workspaces);
  if (status?.phase !== end.phase) return false;
  const current = await lab.inspect(name);
  return status.container?.id === current.Id && status.plan.length === 0 && end.isSo(current, lab);
}
