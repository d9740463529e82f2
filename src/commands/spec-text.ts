import type { Config } from '../model/config.ts';

/** What `new` and `import` write: a spec of five lines and what was asked for beyond them. */
export type SpecOutline = {
  name: string;
  owner: string;
  template?: string | undefined;
  labels?: Record<string, string>;
  cpu?: string | undefined;
  memory?: string | undefined;
};

/** Text that YAML reads as text, quoted only when it must be. */
const quoted = (text: string): string =>
  /^([A-Za-z][A-Za-z0-9_./-]*|[0-9]+[KMGT]i)$/.test(text) && !isWord(text) ? text : JSON.stringify(text);
const isWord = (text: string): boolean => /^(true|false|null|yes|no|on|off|y|n)$/i.test(text);

export function specText({ name, owner, template, labels = {}, cpu, memory }: SpecOutline): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${quoted(key)}: ${quoted(value)}`);
  const cores = cpu === undefined ? [] : [`cpu: ${/^[0-9]+(\.[0-9]+)?$/.test(cpu) ? cpu : JSON.stringify(cpu)}`];
  const resources = [...cores, ...(memory === undefined ? [] : [`memory: ${quoted(memory)}`])];
  return [
    'apiVersion: workdock.dev/v1',
    'kind: Workspace',
    `metadata: {name: ${quoted(name)}${pairs.length > 0 ? `, labels: {${pairs.join(', ')}}` : ''}}`,
    'spec:',
    `  owner: ${quoted(owner)}`,
    ...(template === undefined ? [] : [`  template: ${quoted(template)}`]),
    ...(resources.length > 0 ? [`  resources: {${resources.join(', ')}}`] : []),
    '',
  ].join('\n');
}

/** Last line of a spec file where the config wants one. */
export const endOf = ({ endMarker }: Pick<Config, 'endMarker'>): string => (endMarker === 'Required' ? '...\n' : '');

/** Comments of a new spec: where to read on, and the fields people ask for first. */
export const specComments = `  # template: neuro                          # fields shared by several workspaces
  # image: workdock-workspace:latest         # others must stand in allowedImages of the config
  # resources: {cpu: 2, memory: 8Gi}         # or 500m, 512Mi
  # env: {TZ: Europe/Zurich}
  # idle: {timeout: 2h}                      # put to rest when unused for so long; 30m when left out
  # state: Stopped                           # Running when left out
  # all fields: docs/reference/spec.md, or \`workdock schema\` for your editor
`;
