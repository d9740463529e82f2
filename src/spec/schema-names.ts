import { nearest } from '../lib/suggest.ts';

type Schema = {
  properties?: Record<string, Schema>;
  oneOf?: Schema[];
  items?: Schema;
};

/** Words people bring from compose files, Kubernetes and docker. */
const elsewhere: Record<string, string> = {
  cpus: 'cpu',
  mem: 'memory',
  ram: 'memory',
  mem_limit: 'memory',
  environment: 'env',
  env_file: 'envFrom',
  volumes: 'mounts',
  binds: 'mounts',
  src: 'source',
  dst: 'target',
  dest: 'target',
  destination: 'target',
  ro: 'readOnly',
  args: 'command',
  cmd: 'command',
  entrypoint: 'command',
  pids_limit: 'pids',
  shm_size: 'shm',
  user_groups: 'groups',
  stop_grace_period: 'stopGracePeriod',
};

/** Every field of a schema by its own name, or by one that is nearly it: `memory` to [`spec.resources.memory`]. */
export function indexFields(schema: Schema): (word: string) => string[] {
  const places = new Map<string, Set<string>>();
  const visit = (node: Schema, path: string) => {
    for (const branch of node.oneOf ?? []) visit(branch, path);
    if (node.items) visit(node.items, path);
    for (const [word, child] of Object.entries(node.properties ?? {})) {
      const at = path === '' ? word : `${path}.${word}`;
      places.set(word, (places.get(word) ?? new Set()).add(at));
      visit(child, at);
    }
  };
  visit(schema, '');
  return (word) => {
    const known = Object.hasOwn(elsewhere, word) ? elsewhere[word]! : word;
    return [...(places.get(known) ?? places.get(nearest(word, places.keys()) ?? '') ?? [])];
  };
}
