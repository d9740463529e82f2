import type { Intent } from '../../model/intent.ts';

/** What the paths of a spec are called in the fields of a revision, where that differs. */
const paths: Record<string, string> = { image: 'spec.image.ref', user: 'spec.owner', network: 'spec.network.mode' };

/**
 * Where the value of a field stands: `ada.yaml:7`, `template neuro, lab.yaml:5`, `config`, `built-in`. What was taken
 * out of a file stands nowhere any more: the workspace's own place then.
 */
export function originOf(field: string, { lastGood }: Pick<Intent, 'lastGood'>): string | undefined {
  if (!lastGood) return undefined;
  const { origins, source } = lastGood;
  const path = paths[field] ?? `spec.${field}`;
  const within = Object.entries(origins).filter(([at]) => at === path || at.startsWith(`${path}.`));
  const written = within.find(([, origin]) => origin !== 'built-in') ?? within[0];
  return written?.[1] ?? `${source.path}:${source.line}`;
}
