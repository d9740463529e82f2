import type { Fitted } from '../../model/fitted.ts';
import type { Foreign, HomeState, Observed } from '../../model/observed.ts';
import type { Target } from '../../model/target.ts';
import { revisionFields } from './revision.ts';

/** What stands in the way, and what to do about it. */
type Objection = (foreign: Foreign, wanted: Wanted) => string | undefined;
type Wanted = { fitted: Fitted; home: HomeState; name: string; own: string | undefined };

const claimed: Record<NonNullable<Foreign['claim']>['by'], (of: string, name: string) => string> = {
  copy: (of) => `it is a copy: docker commit put the labels of ${of} into its image; rename or remove it`,
  instance: (of) => `it is of another workdock, instance ${of}; remove it there first`,
  compose: (of, name) =>
    `docker compose made it (project ${of}) and would recreate or remove it at its next up or down; ` +
    `take the service out of the compose file and docker rm -f ${name}: a new one is made on the same home`,
  swarm: (of) => `docker swarm made it (${of}) and would replace it; scale that service down`,
  kubernetes: (of) => `Kubernetes made it (pod ${of}) and would replace it; delete that pod`,
};

const isRunning = ({ state }: Foreign) => state === 'running' || state === 'paused';

/** A start of what is down makes it anew, as for any update: whoever left something in it would not expect that. */
const notRunning: Objection = (foreign, { name }) => {
  const { state } = foreign;
  if (isRunning(foreign)) return undefined;
  if (state === 'restarting') return `it ends again and again; docker logs ${name} tells why`;
  const why = `it is ${state}, and workdock would start a new one, without what is in it alone`;
  return `${why}; docker start ${name} to have it taken over as it runs, docker rm ${name} for a new one`;
};

const notAlone: Objection = (_foreign, { own, name }) =>
  own === undefined
    ? undefined
    : `the workspace has a container of its own, now called ${own}; remove or rename one of them (${name} or ${own})`;

const notItsHome: Objection = ({ home }, { fitted, name }) => {
  const { mountPath } = fitted.home;
  const own = revisionFields(fitted)['storage.home']!.replace(` on ${mountPath}`, '');
  const lost = `the owner would be without those files in its next container`;
  const mend = 'name the one it has in storage.home (source or volume, and mountPath)';
  if (!home) return `nothing is mounted at ${mountPath}, where the home belongs (${own}); ${lost}; ${mend}`;
  if (!home.fits) return `${home.source} is mounted at ${mountPath}, and not the home ${own}; ${lost}; ${mend}`;
  if (home.readOnly) return `its home ${own} is mounted read-only; make ${name} anew with the home writable`;
  return undefined;
};

const homeUnusable: Objection = (_foreign, { fitted, home }) => {
  const { uid, gid } = fitted.identity;
  if (home.kind === 'wrongOwner') {
    const whose = `its home ${home.path} belongs to ${home.uid}:${home.gid}, not to ${fitted.owner} (${uid}:${gid})`;
    return `${whose}; write users: {${fitted.owner}: {uid: ${home.uid}}} in the config, or chown -R ${uid}:${gid} it`;
  }
  if (home.kind === 'unusable') return home.message;
  return home.kind === 'absent' ? `its home ${fitted.homeSource} is gone` : undefined;
};

const objections: Objection[] = [
  ({ claim }, { name }) => claim && claimed[claim.by](claim.of, name),
  ({ autoRemove }, { name }) =>
    autoRemove
      ? `it was started with --rm: its first stop would delete it with all that is in it; make ${name} anew without`
      : undefined,
  notAlone,
  notRunning,
  notItsHome,
  homeUnusable,
];

/** Why the container in its place is not taken over, each with what to do; empty when it may be. */
export const objectionsTo = (
  foreign: Foreign,
  { observed, fitted }: { observed: Observed; fitted: Fitted },
): string[] =>
  objections.flatMap((object) => {
    const { home, taken, ownName, current, aside, strays } = observed;
    const own = (current ?? aside ?? strays[0])?.name;
    return object(foreign, { fitted, home, own, name: taken?.name ?? ownName }) ?? [];
  });

/** What a look found in its place, for people. */
export function takenText({
  observed,
  target,
  adopts,
  held,
}: TakenSeen): { reason: string; message: string } | undefined {
  const { taken, ownName } = observed;
  if (!taken) return undefined;
  const what = `container ${taken.name} (${taken.id.slice(0, 12)})`;
  const { foreign, ours } = taken;
  if (ours || !foreign)
    return { reason: 'Foreign', message: `${what} is another workspace's; it gets its own name first` };
  if (foreign.claim?.by === 'copy')
    return { reason: 'Copy', message: `${what} is not ours: ${claimed.copy(foreign.claim.of, '')}` };
  if (!adopts) {
    const free = foreign.claim || foreign.autoRemove || !isRunning(foreign);
    const hint = free ? '' : ', or write adopt: true to have it taken over as it runs';
    return { reason: 'Foreign', message: `${what} is not ours; rename or remove it${hint}` };
  }
  if (taken.name !== ownName) {
    const message = `${what} has the name of a container that is set aside, and is not taken over; rename or remove it`;
    return { reason: 'NotAdoptable', message };
  }
  const found = target ? objectionsTo(foreign, { observed, fitted: target.fitted }) : [];
  if (found.length > 0)
    return { reason: 'NotAdoptable', message: `${what} is not taken over: ${found.join('. Also: ')}` };
  const wait = held === undefined ? 'it is taken over in a moment' : `adopt takes it over once this is over: ${held}`;
  return { reason: 'Foreign', message: `${what} is not ours yet; ${wait}` };
}
type TakenSeen = {
  observed: Observed;
  target?: Target;
  adopts: boolean;
  /** Why nothing is done to it at all. */
  held?: string;
};
