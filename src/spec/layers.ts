import type { Json } from '../lib/json.ts';
import { type Located, spotOf } from './document.ts';

/** One value of a spec, where it comes from, and the document to point at when it stands in one. */
export type Leaf = { value: Json; origin: string; from?: Located };

/** Values by dotted path, `spec.resources.memory`. A list is one value; maps are taken apart. */
export type Leaves = Map<string, Leaf>;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The short form of an image is its `ref`; the policy of a drift is its short form. */
const shortForms: Record<string, string> = { 'spec.image': 'spec.image.ref', 'spec.drift.policy': 'spec.drift' };

/** Takes one layer apart. `leaf` is told where a value stands, which may be under another path than its own. */
export function flatten(value: unknown, path: string, leaf: (path: string, value: Json) => Leaf): Leaves {
  const leaves: Leaves = new Map();
  const visit = (part: unknown, at: string) => {
    if (isMap(part)) for (const [key, child] of Object.entries(part)) visit(child, `${at}.${key}`);
    else leaves.set(shortForms[at] ?? at, leaf(at, part as Json));
  };
  visit(value, path);
  return leaves;
}

/** The leaves of a document: labels and spec. Origin is `ada.yaml:7`, after `what` it is. */
export function documentLeaves(document: Located & { body: unknown }, what?: string): Leaves {
  const { metadata, spec } = document.body as { metadata: { labels?: unknown }; spec: unknown };
  const leaf = (path: string, value: Json): Leaf => ({
    value,
    origin: `${what === undefined ? '' : `${what}, `}${document.path}:${spotOf(document, path).key.line}`,
    from: document,
  });
  return new Map([...flatten(metadata.labels ?? {}, 'metadata.labels', leaf), ...flatten(spec, 'spec', leaf)]);
}

const places = ['spec.storage.home.name', 'spec.storage.home.source', 'spec.storage.home.volume'];

/** Later layers win, value by value. A layer that says where the home is replaces every other way to say it. */
export function overlay(layers: Leaves[]): Leaves {
  const merged: Leaves = new Map();
  for (const layer of layers) {
    if (places.some((place) => layer.has(place))) for (const place of places) merged.delete(place);
    for (const [path, leaf] of layer) merged.set(path, leaf);
  }
  return merged;
}
