import { didYouMean, nearest } from '../lib/suggest.ts';
import { ignorable } from '../model/drift.ts';
import type { Complaint } from './wrong-value.ts';

const unchanging = 'hands cannot change it on a container, only make another one, and that is replaced';

/** Differences that plans and statuses show, or fields of a spec, that nobody can leave to hands. */
const reasons: Record<string, string> = {
  state:
    'a stop by hand looks like a crash, and nothing that ends would come back; to keep it down: workdock stop, ' +
    'state: Stopped or suspend; to be told only: policy: Report',
  container: 'without it nothing runs; to keep it away: state: Stopped; to be told only: policy: Report',
  'container.name': 'by its name it is found, and a second one would be made beside it',
  restart: 'the engine would start it whatever was decided here; see spec.restart.policy',
  'network.address': 'by it the host knows who may reach what, and somebody else may have another',
  'network.allow': 'its rules are of the host, and no setting of a container',
  image: unchanging,
  command: unchanging,
  owner: unchanging,
  user: unchanging,
  env: unchanging,
  envFrom: unchanging,
  storage: unchanging,
  security: unchanging,
  'resources.shm': unchanging,
};

/** Other words for the same. */
const others: Record<string, string> = {
  ...{ cpus: 'resources.cpu', nanoCpus: 'resources.cpu', mem: 'resources.memory', ram: 'resources.memory' },
  ...{ networks: 'network', 'network.mode': 'network', address: 'network.address' },
  ...{ shm: 'resources.shm', name: 'container.name', 'restart.policy': 'restart' },
  resources: 'resources.cpu, resources.memory, resources.pids',
};

/** The own name of a field, or its last word: `memory` and `limits.memory` for `resources.memory`. */
function known(text: string): string {
  const path = text.trim().replace(/^spec\./, '');
  const word = path.slice(path.lastIndexOf('.') + 1);
  const own = others[path] ?? others[word];
  if (own !== undefined) return own;
  const all = [...ignorable, ...Object.keys(reasons)];
  const short = new Map(ignorable.map((field) => [field.slice(field.lastIndexOf('.') + 1), field]));
  if (all.includes(path)) return path;
  const close = nearest(path, all) ?? short.get(nearest(word, short.keys()) ?? '');
  return close ?? path.replace(/\..*/, '');
}

/** What is wrong with something in `drift.ignore` that is none of those fields. */
export function notIgnored(value: unknown): Complaint {
  const text = String(value);
  const field = known(text.slice(0, 80));
  const reason = Object.hasOwn(reasons, field) ? reasons[field] : undefined;
  const shown = JSON.stringify(text.slice(0, 40));
  if (reason !== undefined) return [`cannot be ${shown}: ${reason}`, `what can be ignored: ${ignorable.join(', ')}`];
  const isField = field.split(', ').every((each) => ignorable.some((one) => one === each));
  return [`must be ${ignorable.join(' or ')}`, isField ? didYouMean(field) : undefined];
}
