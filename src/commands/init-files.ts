import { builtInConfig } from '../spec/config-values.ts';
import { specComments, specText } from './spec-text.ts';

const { instance, prefix, state, data, resync, settle, limits, allowedImages } = builtInConfig;

/** Every setting with its built-in value, commented out: the file says where to change what, and changes nothing. */
const config = `# Settings of workdock. Everything may be left out; the values here are those it then has.
# All fields: docs/reference/config.md, or \`workdock schema config\` for your editor.

# instance: ${instance}
# prefix: ${prefix}                          # of containers and network
# specs: [./workspaces]                # folders of spec files
# state: ${state}                       # status files: a cache
# data: ${data}                         # homes and decisions: back it up
# allowedImages: [${allowedImages.join(', ')}]
# mountRoots: []                       # host folders that specs may mount, such as [/data]
# secretsRoot: ./secrets               # folder of the files that envFrom names
# resync: ${resync}
# settle: ${settle}
# limits: {parallel: ${limits.parallel}}
# users: {ada: {uid: 1234}}            # owners whose numbers are given
# defaults:                            # any field of spec, for all workspaces
#   resources: {cpu: 2, memory: 8Gi}
`;

/** What \`workdock init\` writes, by relative path. */
export const initFiles: Record<string, string> = {
  'workdock.yaml': config,
  'workspaces/example.yaml': `# One file per workspace is a good habit; the name in metadata counts, not the file's.
${specText({ name: 'example', owner: 'example' })}${specComments}`,
  '.gitignore': '/state/\n/data/\n/secrets/\n',
};
