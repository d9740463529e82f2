import { sameJson } from '../../lib/json.ts';
import type { Declaration, Desired } from '../../model/desired.ts';

type Told = Pick<Extract<Declaration, { kind: 'valid' }>, 'desired' | 'origins' | 'source'>;

/** Where fields of a Desired stand in a spec, where that is not by the same name. */
const paths: Record<string, string> = {
  'limits.nanoCpus': 'resources.cpu',
  'limits.memoryBytes': 'resources.memory',
  'limits.pids': 'resources.pids',
  shmBytes: 'resources.shm',
  groups: 'user.groups',
  home: 'storage.home',
  mounts: 'storage.mounts',
  'idle.timeoutMs': 'idle.timeout',
  'idle.warnBeforeMs': 'idle.warnBefore',
  stopGraceSeconds: 'stopGracePeriod',
  restartPolicy: 'restart.policy',
  driftIgnore: 'drift.ignore',
};
/** Parts of these are told apart. */
const parted = ['limits', 'image', 'env', 'network', 'security', 'idle'];
/** So many fields are named. */
const MOST_FIELDS = 3;

function fieldsOf(desired: Desired | undefined): Map<string, unknown> {
  const rows = Object.entries(desired ?? {}).flatMap(([key, value]): [string, unknown][] =>
    parted.includes(key) ? Object.entries(value as object).map(([part, of]) => [`${key}.${part}`, of]) : [[key, value]],
  );
  return new Map(rows.map(([path, value]) => [paths[path] ?? path, value]));
}

/**
 * What a declaration changes, and where each of it stands: `resources.memory (ada.yaml:7)`, with its commit. Values are
 * not told: they may be long, and nobody's business.
 */
export function specChange({ desired, origins, source }: Told, before: Desired | undefined): string {
  const { path, line, commit, author } = source;
  const by = author === undefined ? '' : ` by ${author}`;
  const from = commit === undefined ? '' : `, commit ${commit.slice(0, 12)}${by}`;
  if (!before) return `${path}:${line}${from}`;
  const [old, now] = [fieldsOf(before), fieldsOf(desired)];
  const all = [...new Set([...old.keys(), ...now.keys()])];
  const changed = all.filter((key) => !sameJson(old.get(key), now.get(key)));
  const where = (field: string): string => {
    const at = `spec.${field}`;
    const found = Object.entries(origins).find(([key]) => key === at || key.startsWith(`${at}.`));
    return found?.[1] ?? `${path}:${line}`;
  };
  const named = changed.slice(0, MOST_FIELDS).map((field) => `${field} (${where(field)})`);
  const more = changed.length - named.length;
  return `${named.join(', ') || `${path}:${line}`}${more > 0 ? ` and ${more} more` : ''}${from}`;
}
