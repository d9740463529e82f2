import { digest, type Json } from '../lib/json.ts';
import type { Desired } from '../model/desired.ts';
import type { Intent } from '../model/intent.ts';
import { build } from './build.ts';
import { baseLeaves, builtInDefaults } from './resolve.ts';
import type { Site } from './rules/rule.ts';

type Good = NonNullable<Intent['lastGood']>;
type Part = Record<string, unknown>;

/** A value of one kind or another, as a command or a place is, is whole or absent. */
const isMap = (value: unknown): value is Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('kind' in value);

/** `stored` with what it lacks; the same object when it lacks nothing. */
function filled(stored: Part, base: Part): Part {
  const missing = Object.entries(base).flatMap(([key, value]): [string, unknown][] => {
    const own = stored[key];
    if (!Object.hasOwn(stored, key)) return [[key, value]];
    const inner = isMap(own) && isMap(value) ? filled(own, value) : own;
    return inner === own ? [] : [[key, inner]];
  });
  return missing.length === 0 ? stored : { ...stored, ...Object.fromEntries(missing) };
}

function completeGood({ desired, origins, source }: Good, site: Site): Good {
  const leaves = baseLeaves(site);
  for (const [path, value] of Object.entries({ owner: desired.owner, 'storage.home.name': desired.owner })) {
    leaves.set(`spec.${path}`, { value: value as Json, origin: '' });
  }
  const base = build(desired.name, leaves) as unknown as Part;
  const complete = filled(desired as unknown as Part, { ...base, labels: {}, env: {} }) as unknown as Desired;
  if (complete === desired) return { desired, origins, source };
  const added = Object.keys(builtInDefaults).filter((path) => !Object.hasOwn(origins, path));
  const from = added.map((path) => [path, leaves.get(path)!.origin] as const);
  return { desired: complete, origins: { ...origins, ...Object.fromEntries(from) }, source };
}

/**
 * An intent of an earlier build, whose last good spec lacks the fields that came since: they get the defaults of the
 * config, or the built-in ones. That is no edit, so its generation stays. The same object when nothing is missing.
 */
export function completeIntent(intent: Intent, site: Site): Intent {
  if (!intent.lastGood) return intent;
  const lastGood = completeGood(intent.lastGood, site);
  if (lastGood.desired === intent.lastGood.desired) return intent;
  const same = intent.digest === digest(intent.lastGood.desired);
  return { ...intent, lastGood, ...(same && { digest: digest(lastGood.desired) }) };
}
