import { type DriftOutcome, driftOutcomes, type FieldChange } from '../model/step.ts';
import type { MetricsRegistry } from './registry.ts';

/** First words of the paths of fields (reconcilers/workspace/changes.ts): few and fixed, whatever users write. */
const kinds = [
  ...(['container', 'state', 'image', 'resources', 'network', 'restart', 'command', 'owner', 'user'] as const),
  ...(['storage', 'security', 'env', 'envFrom', 'spec', 'other'] as const),
];
const kindOf = (field: string): string => {
  const [first = ''] = field.split('.');
  return kinds.find((kind) => kind === first) ?? 'other';
};

/** Drift by the kind of its field and what became of it; all of them from the start on. */
export function makeDriftMetrics({ counter }: MetricsRegistry) {
  const total = counter('workdock_drift_total');
  for (const field of kinds) for (const outcome of driftOutcomes) total.inc({ field, outcome }, 0);
  return (found: readonly FieldChange[], outcome: DriftOutcome): void => {
    for (const { field } of found) total.inc({ field: kindOf(field), outcome });
  };
}
