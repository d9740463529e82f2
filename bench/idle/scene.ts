import { type Controller, type Lab, workspaceYaml } from '../../tests/support/lab.ts';
import { until } from '../../tests/support/until.ts';
import { makeRecorder } from './record.ts';
import { type Situation, type Stage, TIMEOUT_MS, WATCH_MS } from './situation.ts';

const AWAKE = /keeps it awake/;
const PATIENTLY = { deadlineMs: 120_000, everyMs: 250 };

const specOf = ({ big }: Situation): string[] => [
  `idle: {timeout: ${TIMEOUT_MS / 1_000}s}`,
  ...(big ? ['image: workdock-workspace:latest', 'resources: {cpu: 600m, memory: 512Mi}'] : []),
];

async function must(lab: Lab, ...args: string[]): Promise<void> {
  const { code, stderr } = await lab.cli(...args);
  if (code !== 0) throw new Error(`workdock ${args.join(' ')}: ${stderr}`);
}

/** One workspace in which a situation is set up; a lease holds it until `watch`. */
export async function makeScene(situation: Situation, name: string, at: { lab: Lab; controller: Controller }) {
  const { lab } = at;
  const ends: (() => unknown)[] = [];
  const recorder = makeRecorder();
  const begun = Promise.withResolvers<number>();
  const stage: Stage = {
    ...{ ...at, name, recorder, afterwards: (end) => void ends.push(end) },
    leave: (script) => {
      const quoted = `'${script.replaceAll("'", `'\\''`)}'`;
      return must(lab, 'exec', name, '-T', '--', 'sh', '-c', `nohup sh -c ${quoted} >~/log 2>&1 &`);
    },
    at: async (ms) => {
      const startMs = await begun.promise;
      await until(() => performance.now() - startMs >= ms, { deadlineMs: ms + 10_000, everyMs: 20 });
    },
  };
  lab.write(`${name}.yaml`, workspaceYaml(name, specOf(situation)));
  await lab.phase(name, 'Running', PATIENTLY.deadlineMs);
  await must(lab, 'keep', name, '10m');
  const begin = await situation.play(stage);
  const { Id: id, State } = await lab.inspect(name);

  return {
    situation,
    recorder,
    /** Lets it run and says when it was stopped, and why. */
    watch: async (): Promise<{ stoppedMs: number | null; because: string }> => {
      await must(lab, 'keep', name, '--end');
      const startMs = performance.now();
      begun.resolve(startMs);
      ends.push(recorder.start({ id, pid: State.Pid }));
      const played = Promise.resolve(begin?.());
      const passedMs = () => performance.now() - startMs;
      let stoppedMs: number | null = null;
      /** Of the status: what kept it awake last, if anything ever did. */
      let awake = '';
      const over = () => {
        const status = lab.status(name);
        const idle = status?.conditions.find(({ type }) => type === 'Idle');
        if (idle && passedMs() > TIMEOUT_MS / 2 && AWAKE.test(idle.message)) awake = idle.message;
        if (stoppedMs === null && status?.phase === 'Resting') {
          stoppedMs = passedMs();
          recorder.stopped();
        }
        return passedMs() >= WATCH_MS;
      };
      await until(over, { deadlineMs: WATCH_MS + 30_000, everyMs: 200 });
      await played;
      const rested = lab.events(name).findLast(({ reason }) => reason === 'Rested');
      return { stoppedMs, because: stoppedMs === null ? awake : (rested?.message ?? '') };
    },
    end: () => {
      for (const end of ends) end();
    },
  };
}

export type Scene = Awaited<ReturnType<typeof makeScene>>;
