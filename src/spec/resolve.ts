import type { Json } from '../lib/json.ts';
import type { Desired, Origins } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import { build } from './build.ts';
import { type CheckedTemplate, type CheckedWorkspace, type Located, problemAt } from './document.ts';
import { documentLeaves, flatten, type Leaves, overlay } from './layers.ts';
import { complaintsAbout } from './rules/all.ts';
import type { Complaint, Site } from './rules/rule.ts';

/**
 * The built-in defaults of v1, by path: with `derive` below the only place where a default is said. Frozen, so that an
 * upgrade changes nobody.
 */
export const builtInDefaults = {
  'spec.state': 'Running',
  'spec.image.ref': 'workdock-workspace:latest',
  'spec.image.pullPolicy': 'IfNotPresent',
  'spec.command': 'Keep',
  'spec.envFrom': [],
  'spec.user.groups': [],
  'spec.resources.cpu': 2,
  'spec.resources.memory': '8Gi',
  'spec.resources.pids': 512,
  // Fixed, and not a share of the memory: a change of memory is live and must not ask for a new container.
  'spec.resources.shm': '1Gi',
  'spec.storage.home.mountPath': '/home/user',
  'spec.storage.home.shared': false,
  'spec.storage.mounts': [],
  'spec.network.mode': 'internet',
  'spec.network.allow': [],
  'spec.security.profile': 'restricted',
  'spec.idle.enabled': true,
  'spec.idle.mode': 'Enforce',
  'spec.idle.timeout': '30m',
  'spec.idle.cpuBelow': '10%',
  'spec.idle.warnBefore': '0s',
  'spec.stopGracePeriod': '30s',
  'spec.restart.policy': 'OnFailure',
  'spec.updatePolicy': 'OnStop',
  'spec.deletionPolicy': 'Retain',
  'spec.deletionProtection': false,
  'spec.adopt': false,
  'spec.drift': 'Heal',
  'spec.suspend': false,
} as const satisfies Record<string, Json>;

const builtIn: Leaves = new Map(
  Object.entries(builtInDefaults).map(([path, value]) => [path, { value: value as Json, origin: 'built-in' }]),
);

export type Resolved = { ok: true; desired: Desired; origins: Origins } | { ok: false; problems: Problem[] };

/**
 * A checked workspace to what is desired: built-in < config defaults < template < spec. Maps (env, labels) are merged
 * by key, lists are replaced. Pure; problems are those that the schema cannot see.
 */
export function resolve(document: CheckedWorkspace, template: CheckedTemplate | undefined, site: Site): Resolved {
  const leaves = overlay([
    baseLeaves(site),
    ...(template ? [documentLeaves(template, `template ${template.name}`)] : []),
    documentLeaves(document),
  ]);
  derive(leaves);
  const problems = complaintsAbout(leaves, site).map((complaint) => locate(complaint, leaves, document));
  if (problems.length > 0) return { ok: false, problems };
  const origins = Object.fromEntries([...leaves].map(([path, { origin }]) => [path, origin]));
  return { ok: true, desired: build(document.name, leaves), origins };
}

/** What holds where nobody says anything: the built-in defaults under those of the config. */
export const baseLeaves = (site: Site): Leaves => overlay([builtIn, siteLeaves(site)]);

/** What is wrong with a template by itself, said at its own lines. */
export function templateProblems(template: CheckedTemplate, site: Site): Problem[] {
  const leaves = documentLeaves(template);
  return complaintsAbout(leaves, site).map((complaint) => locate(complaint, leaves, template));
}

/** What is wrong with the defaults of a config, by path of a spec. */
export const defaultsComplaints = (site: Site): Complaint[] => complaintsAbout(siteLeaves(site), site);

const siteLeaves = ({ defaults }: Site): Leaves =>
  flatten(defaults, 'spec', (_, value) => ({ value, origin: 'config' }));

/** Defaults that follow from other values, in words for the docs. */
export const derivedDefaults = {
  'spec.storage.home.name': 'the owner',
};

function derive(leaves: Leaves): void {
  const places = ['name', 'source', 'volume'].map((key) => `spec.storage.home.${key}`);
  const owner = leaves.get('spec.owner');
  if (owner && !places.some((place) => leaves.has(place))) {
    leaves.set('spec.storage.home.name', { value: owner.value, origin: 'built-in' });
  }
}

/** A complaint at the document that the value stands in; at the workspace's name when it comes from a default. */
function locate({ path, ...what }: Complaint, leaves: Leaves, document: Located): Problem {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const leaf = leaves.get(at);
    if (leaf?.from) return problemAt(leaf.from, path, what);
    if (leaf) return problemAt(document, 'metadata.name', { ...what, message: `${what.message} (${leaf.origin})` });
  }
  return problemAt(document, 'metadata.name', what);
}
