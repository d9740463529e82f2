import { type Static, Type } from 'typebox';
import { namePattern } from '../model/name.ts';
import { commonFields, instancePattern, instanceRule } from './fields.ts';
import { choice, closed, duration, fitting, list, type Meaning, text } from './schema-kit.ts';

const optional = Type.Optional;
const id = (description: string) => Type.Integer({ minimum: 1, maximum: 4_294_967_294, description });
const folder = (description: string) => text(description, { minLength: 1, maxLength: 1024 });

const share = (description: string) =>
  fitting(description, '^([0-9]{1,2}(\\.[0-9]{1,3})?|100(\\.0{1,3})?)%$', 'a percentage from 0% to 100%', {
    examples: ['20%'],
    meaning: 'percent' satisfies Meaning,
  });

const user = closed('Numbers that this person has elsewhere, so that files fit.', {
  uid: id('User id; not root.'),
  gid: optional(id('Group id; the uid when left out.')),
  groups: optional(list('Further group ids.', id('Group id.'), 64)),
});

/** What an administrator writes in `workdock.yaml`. Paths are relative to the file. No default is said here. */
export const ConfigV1 = closed('Settings of one controller.', {
  instance: optional(
    fitting(
      'Name of this controller; workspaces with another `spec.instance` are left to others.',
      instancePattern,
      instanceRule,
    ),
  ),
  prefix: optional(
    fitting(
      'Start of the names of our containers and network.',
      '^[a-z0-9][a-z0-9_.-]{0,30}$',
      'at most 31 lower-case letters, digits, dots and dashes',
    ),
  ),
  specs: optional(
    Type.Array(folder('A folder, read recursively.'), {
      description: 'Folders of spec files; with `source`, folders of the repository.',
      minItems: 1,
      maxItems: 32,
    }),
  ),
  source: optional(
    closed('A git repository to read the specs from, in the place of folders of this host.', {
      git: text('`ssh://…`, `git@host:path`, `https://…`, or a path; no password in it.', {
        minLength: 1,
        maxLength: 1024,
        examples: ['git@git.example.org:lab/workspaces.git'],
      }),
      branch: optional(text('The branch whose last commit is in force.', { minLength: 1, maxLength: 200 })),
      interval: optional(duration('Pause between two looks at the repository.', '1m')),
      key: optional(folder('File of the private ssh key that may read it, without a passphrase.')),
      knownHosts: optional(folder('File of the host keys that ssh believes.')),
    }),
  ),
  state: optional(folder('Folder for status files: a cache that may be deleted.')),
  data: optional(folder('Folder for homes and decisions: losing it is losing data.')),
  defaults: optional(closed('Any field of `spec`, for all workspaces of this controller.', commonFields)),
  users: optional(
    Type.Unsafe<Record<string, Static<typeof user>>>({
      type: 'object',
      description: 'Owners with fixed numbers.',
      patternProperties: { [namePattern]: user },
      additionalProperties: false,
    }),
  ),
  uidRange: optional(
    closed('Where the numbers of all other owners come from.', {
      first: Type.Integer({ minimum: 1000, maximum: 4_294_967_294, description: 'Lowest.' }),
      last: Type.Integer({ minimum: 1000, maximum: 4_294_967_294, description: 'Highest.' }),
    }),
  ),
  allowedImages: optional(
    list(
      'Images a spec may name; `*` stands for anything.',
      text('Image reference.', { minLength: 1, maxLength: 255 }),
      256,
    ),
  ),
  mountRoots: optional(
    list(
      'Host folders that `storage` may use, with everything below.',
      fitting('Folder.', '^/', 'an absolute path'),
      64,
    ),
  ),
  secretsRoot: optional(folder('Folder of the files that `envFrom` names.')),
  network: optional(
    closed('The network of all workspaces.', {
      subnet: optional(
        fitting(
          'IPv4 subnet; the first free one of a list when left out.',
          '^[0-9]{1,3}(\\.[0-9]{1,3}){3}/(1[6-9]|2[0-8])$',
          'a subnet of 16 to 28 bits such as 10.213.0.0/20',
        ),
      ),
    }),
  ),
  resync: optional(duration('How often everything is looked at even when nothing happened.', '30s')),
  settle: optional(duration('How long a file must be unchanged before it counts.', '300ms')),
  endMarker: optional(
    choice('Whether a spec file must say where it ends.', {
      Optional: 'a file counts as it is once it has come to rest',
      Required: 'a file counts only when its last line is the end marker `...`, which stands nowhere else in it',
    }),
  ),
  idle: optional(
    closed('Watching for idleness.', {
      interval: optional(duration('Pause between two looks at the signals of a workspace.', '30s')),
      maxKeep: optional(duration('Longest lease that `workdock keep` or `~/.workdock/keep` gets.', '7d')),
    }),
  ),
  limits: optional(
    closed('How much at once.', {
      parallel: optional(
        Type.Integer({
          minimum: 1,
          maximum: 64,
          description: 'Workspaces worked on at a time, without those that wait for a pull or a stop.',
        }),
      ),
      disruptions: optional(
        Type.Integer({
          minimum: 1,
          maximum: 64,
          description: 'Workspaces that `restart --pending` may interrupt at a time.',
        }),
      ),
    }),
  ),
  deletion: optional(
    closed('What a missing file does.', {
      grace: optional(duration('How long no file must have declared a workspace before it is stopped.', '60s')),
      removeAfter: optional(duration('How long after that its container is removed. Homes stay.', '7d')),
    }),
  ),
  guard: optional(
    closed('How much may happen at once before a person has to approve it; two always may.', {
      window: optional(duration('Removals within this time count together.', '10m')),
      removals: optional(share('Share of all workspaces that may be removed within `window`.')),
      disruptions: optional(
        share('Share of the running workspaces that one change may stop, shrink or recreate; 100% = any.'),
      ),
    }),
  ),
});

export type ConfigV1 = Static<typeof ConfigV1>;
