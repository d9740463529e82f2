import { type Lab, openLab } from '../../tests/support/lab.ts';
import { hardTimes } from './hard-times.ts';
import { rivals } from './rivals.ts';
import { makeScene, type Scene } from './scene.ts';
import { INTERVAL_MS, type Situation, TIMEOUT_MS } from './situation.ts';
import { situations } from './situations.ts';

/** When a workspace was stopped, milliseconds after the begin of the watch; null = not at all. */
export type Answer = number | null;
type Rival = keyof typeof rivals;
export type Row = { situation: Situation; ours: Answer; because: string; others: Record<Rival, Answer> };

export const rivalNames = Object.keys(rivals) as Rival[];

/** A stop too early is as wrong as one too many; how late a right one comes is not judged. */
export const isRight = ({ right, notBeforeMs = 0 }: Situation, answer: Answer): boolean =>
  right === 'stays' ? answer === null : answer !== null && answer >= notBeforeMs;

const SETTINGS = `
defaults: {image: workdock-test:latest, stopGracePeriod: 1s, resources: {cpu: 300m, memory: 128Mi, pids: 128}}
idle: {interval: ${INTERVAL_MS / 1_000}s}
`;

async function open(labs: Lab[], env: Record<string, string> = {}) {
  const lab = openLab(SETTINGS, env);
  labs.push(lab);
  return { lab, controller: await lab.up() };
}

async function rowOf(scene: Scene): Promise<Row> {
  const { stoppedMs, because } = await scene.watch();
  scene.end();
  const said = rivalNames.map((name) => [name, rivals[name](scene.recorder.samples, TIMEOUT_MS)]);
  return { situation: scene.situation, ours: stoppedMs, because, others: Object.fromEntries(said) };
}

export const everySituation: readonly Situation[] = [...situations, ...hardTimes];

/**
 * Plays every situation in a real container under the real controller, all at once, and asks ours and the others'
 * rules. Two minutes: setting up, then three and a half timeouts.
 */
export async function playMatrix(tell: (text: string) => void, chosen = everySituation): Promise<Row[]> {
  const labs: Lab[] = [];
  const scenes: Scene[] = [];
  const set = async (situation: Situation, name: string, at: Awaited<ReturnType<typeof open>>) => {
    scenes.push(await makeScene(situation, name, at));
    tell(`ready: ${situation.name}`);
  };
  try {
    const shared = await open(labs);
    const own = async (situation: Situation) => set(situation, 'alone', await open(labs, situation.alone));
    await Promise.all(
      chosen.map((situation, index) => (situation.alone ? own(situation) : set(situation, `s${index}`, shared))),
    );
    scenes.sort((a, b) => chosen.indexOf(a.situation) - chosen.indexOf(b.situation));
    tell('watching');
    return await Promise.all(scenes.map(rowOf));
  } finally {
    for (const scene of scenes) scene.end();
    await Promise.all(labs.map((lab) => lab.dispose()));
  }
}
