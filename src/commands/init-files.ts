import { dirname, resolve } from 'node:path';
import { varFolder } from '../model/places.ts';
import { builtInConfig } from '../spec/config-values.ts';
import { specComments, specText } from './spec-text.ts';

const { instance, prefix, resync, settle, limits, allowedImages, idle } = builtInConfig;

/** Where state and data lie; `name`: of a second controller on one machine, and what sets it apart from the first. */
type Given = { state: string; data: string; name?: string };

const line = (setting: string, comment: string) => `${setting.padEnd(39)}# ${comment}\n`;

/**
 * Every setting with its built-in value, commented out: the file says where to change what. It changes one thing: in a
 * new lab the idle rule only tells what it would do.
 */
const configText = ({ state, data, name }: Given) => `\
# Settings of workdock. Everything may be left out; the values here are those it then has.
# All fields: docs/reference/config.md, or \`workdock schema config\` for your editor.

${name === undefined ? '# ' : ''}instance: ${name ?? instance}
${line(name === undefined ? `# prefix: ${prefix}` : `prefix: ${name}-${prefix}`, 'of containers and network')}\
# specs: [./workspaces]                # folders of spec files
# source: {git: git@git.example.org:lab/workspaces.git}   # specs from a repository (docs/guide/gitops.md)
${line(`# state: ${state}`, 'status files: a cache')}\
${line(`# data: ${data}`, 'homes and decisions: back it up')}\
# allowedImages: [${allowedImages.join(', ')}]
# mountRoots: []                       # host folders that specs may mount, such as [/data]
# secretsRoot: ./secrets               # folder of the files that envFrom names
# resync: ${resync}
# settle: ${settle}
# limits: {parallel: ${limits.parallel}, disruptions: ${limits.disruptions}}   # at a time
# users: {ada: {uid: 1234}}            # owners whose numbers are given
# idle: {interval: ${idle.interval}, maxKeep: ${idle.maxKeep}}   # pause between two looks; longest \`keep\`

defaults:                              # any field of spec, for all workspaces
  # At first nobody is stopped for being idle: an event WouldStop says when it would have been (docs/guide/idle.md).
  # When a few days of \`workdock events\` look right, write Enforce, or take this line out: that is the built-in.
  idle: {mode: Observe}
  # resources: {cpu: 2, memory: 8Gi}
`;

/** What people are told who get that config. */
export const idleNote = [
  'workdock: idle workspaces are only reported at first (defaults: {idle: {mode: Observe}} in workdock.yaml):',
  '  look at `workdock idle` and `workdock events` for some days, then write Enforce there to have them put to rest',
];

/** The config of a service; `name`: of a second one on the machine. */
export function serviceConfigText(file: string, name?: string): string {
  const folder = varFolder(dirname(file));
  const text = configText({
    state: resolve(folder, builtInConfig.state),
    data: resolve(folder, builtInConfig.data),
    ...(name !== undefined && { name }),
  });
  if (name === undefined) return text;
  return `${text}# A uid belongs to one person of the machine: two controllers need ranges that do not meet.
# uidRange: {first: 60000, last: 65000}
`;
}

/** What \`workdock init\` writes, by relative path. */
export const initFiles: Record<string, string> = {
  'workdock.yaml': configText({ state: builtInConfig.state, data: builtInConfig.data }),
  'workspaces/example.yaml': `# One file per workspace is a good habit; the name in metadata counts, not the file's.
${specText({ name: 'example', owner: 'example' })}${specComments}`,
  '.gitignore': '/state/\n/data/\n/secrets/\n',
};
