import type { Json } from '../lib/json.ts';
import { ConfigV1 } from './config-schema.ts';
import { builtInConfig } from './config-values.ts';
import { builtInDefaults } from './resolve.ts';
import { builtInSource } from './source-values.ts';
import { apiVersion, SpecFileV1 } from './workspace-schema.ts';

type Node = { [key: string]: Json };

/** Ours, and no keywords of JSON Schema: strict validators would refuse them. */
const own = new Set(['meaning', 'keyRule', 'discriminator']);

const copy = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !own.has(key))
      .map(([key, child]) => [key, copy(child)]),
  );
};

const fieldsOf = (node: Json | undefined): Node | undefined =>
  (node as Node | undefined)?.['properties'] as Node | undefined;

/** Writes `default` at a dotted path, for what editors show and complete. */
function setDefault(root: Node, path: string, value: Json): void {
  const words = path.split('.');
  let node: Node | undefined = root;
  for (const word of words) node = fieldsOf(node)?.[word] as Node | undefined;
  if (node) node['default'] = value;
}

const snippet = {
  label: 'workspace',
  description: 'A workspace in five lines',
  body: { apiVersion, kind: 'Workspace', metadata: { name: `\${1:ada}` }, spec: { owner: `\${1:ada}` } },
};

/** The JSON schema (draft-07) of spec files, with the built-in defaults. */
export function workspaceJsonSchema(): Node {
  const schema = copy(JSON.parse(JSON.stringify(SpecFileV1))) as Node;
  for (const branch of schema['oneOf'] as Node[]) {
    for (const [path, value] of Object.entries(builtInDefaults)) setDefault(branch, path, value as Json);
    setDefault(branch, 'spec.image', builtInDefaults['spec.image.ref']);
    setDefault(branch, 'spec.drift.policy', builtInDefaults['spec.drift']);
    setDefault(branch, 'spec.drift.ignore', []);
  }
  return { ...head('workspace.v1.json', 'workdock workspace'), ...schema, defaultSnippets: [snippet] };
}

/** The JSON schema (draft-07) of `workdock.yaml`, with the built-in values. */
export function configJsonSchema(): Node {
  const schema = copy(JSON.parse(JSON.stringify(ConfigV1))) as Node;
  for (const [key, value] of Object.entries(builtInConfig)) setDefault(schema, key, value as Json);
  for (const [key, value] of Object.entries(builtInSource)) setDefault(schema, `source.${key}`, value);
  return { ...head('config.v1.json', 'workdock config'), ...schema };
}

const head = (file: string, title: string): Node => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: `https://workdock.dev/schema/${file}`,
  title,
});
