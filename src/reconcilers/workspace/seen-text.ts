import type { Container, HomeState, Observed } from '../../model/observed.ts';

const SHORT = 12;

function containerText({ name, id, state, startedAt, finishedAt, exitCode }: Container): string {
  const which = `container ${name} (${id.slice(0, SHORT)}) ${state}`;
  if (state === 'exited' || state === 'dead') {
    return `${which}, code ${exitCode}${finishedAt === undefined ? '' : ` since ${finishedAt}`}`;
  }
  return `${which}${startedAt === undefined ? '' : ` since ${startedAt}`}`;
}

const homeText: Record<HomeState['kind'], string> = {
  ready: 'home there',
  absent: 'no home',
  wrongOwner: 'home of somebody else',
  unusable: 'home unusable',
};

/**
 * What a look found, in words; no figures, so that it changes only when something did.
 * @param hasSpec  whether it is known which image and home to look for.
 */
export function seenText(observed: Observed, hasSpec: boolean): string {
  const { current, aside, strays, taken, copies, imageId, home, missingMounts } = observed;
  return [
    current ? containerText(current) : 'no container',
    ...(aside ? [`set aside: ${aside.name} ${aside.state}`] : []),
    ...strays.map(({ name, state }) => `under another name: ${name} ${state}`),
    ...(taken ? [`not ours, in its place: ${taken.name}`] : []),
    ...(copies ?? []).map(({ name }) => `not ours, a copy with its labels: ${name}`),
    ...(hasSpec ? [imageId === null ? 'image not on the engine' : 'image there', homeText[home.kind]] : []),
    ...missingMounts.map(({ source }) => `no mount ${source}`),
  ].join('; ');
}
