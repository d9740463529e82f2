import { Type } from 'typebox';
import type { Ignorable } from '../model/drift.ts';
import {
  choice,
  closed,
  cpu,
  duration,
  fitting,
  flag,
  list,
  type Meaning,
  map,
  memory,
  name,
  text,
} from './schema-kit.ts';

const optional = Type.Optional;

export const instancePattern = '^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$';
export const instanceRule = 'letters, digits, dots and dashes';

const labelKey = {
  pattern: '^([a-z0-9][a-z0-9.-]{0,60}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$',
  rule: 'letters, digits, dots, dashes and underscores, with a letter or digit first and last',
};
const labelValue = fitting(
  'Value of the label.',
  '^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$',
  'a label value: at most 63 letters, digits, dots, dashes and underscores',
);

export const labels = map('For selection, as in `workdock get -l lab=neuro`.', labelKey, labelValue, 64);

const gid = Type.Integer({ minimum: 1, maximum: 4_294_967_294, description: 'A numeric group id, not root.' });

const absolutePath = (description: string, ...examples: string[]) =>
  fitting(description, '^/[^\\u0000]{0,1023}$', 'an absolute path', { examples });

const imageRef =
  '^[a-z0-9][A-Za-z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*' +
  '(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$';
const imageRule = 'an image reference such as workdock-workspace:latest';

const pullPolicy = choice('When to ask the registry.', {
  IfNotPresent: 'only when the engine does not have the image',
  Always: 'before every create',
  Never: 'never: the engine must have it',
});

const image = Type.Unsafe<string | { ref: string; pullPolicy?: 'IfNotPresent' | 'Always' | 'Never' }>({
  description: 'Image the container is made from: a reference, or `{ref, pullPolicy}`.',
  type: ['string', 'object'],
  pattern: imageRef,
  patternErrorMessage: `must be ${imageRule}`,
  maxLength: 255,
  required: ['ref'],
  properties: { ref: fitting('Image reference.', imageRef, imageRule, { maxLength: 255 }), pullPolicy },
  additionalProperties: false,
  examples: ['workdock-workspace:latest'],
});

const command = Type.Unsafe<'Keep' | 'Image' | string[]>({
  description:
    'What the container runs: `Keep` (stays up for shells), `Image` (what the image says) or a list of words.',
  type: ['string', 'array'],
  if: { type: 'string' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { enum: ['Keep', 'Image'] },
  else: { items: { type: 'string', maxLength: 4096 }, minItems: 1, maxItems: 256 },
  examples: ['Keep', 'Image', ['python', 'server.py']],
});

const home = Type.Object(
  {
    name: optional(name('A folder under the data folder, `users/<name>`.')),
    source: optional(absolutePath('A host folder below one of `mountRoots`.', '/srv/home/ada')),
    volume: optional(
      fitting('A volume of the engine.', '^[A-Za-z0-9][A-Za-z0-9_.-]{1,127}$', 'a volume name', {
        examples: ['jupyterhub-user-ada'],
      }),
    ),
    mountPath: optional(absolutePath('Where it appears in the container.', '/home/user')),
    shared: optional(flag('Several workspaces may use it at once, when each of them says so.')),
  },
  {
    description: 'The persistent directory of the owner: one of `name`, `source` and `volume`.',
    additionalProperties: false,
    not: {
      anyOf: [
        ['name', 'source'],
        ['name', 'volume'],
        ['source', 'volume'],
      ].map((required) => ({ required })),
    },
  },
);

const mount = closed('A host folder in the container.', {
  source: absolutePath('Host folder below one of `mountRoots`.', '/data/shared'),
  target: absolutePath('Where it appears in the container.', '/data'),
  readOnly: optional(flag('Nothing can be written through it; false when left out.')),
});

const address = fitting(
  'IPv4 address and port.',
  '^[0-9]{1,3}(\\.[0-9]{1,3}){3}:[1-9][0-9]{0,4}$',
  'an address and a port such as 10.1.2.3:27000 (no names, no ranges)',
  { examples: ['10.1.2.3:27000'] },
);

const idle = closed('When it counts as idle, and what happens then.', {
  enabled: optional(flag('Watch for idleness at all.')),
  mode: optional(
    choice('What an idle verdict does.', { Enforce: 'stop the workspace', Observe: 'only say so, in an event' }),
  ),
  timeout: optional(duration('How long every signal must have been quiet.', '30m', '2h')),
  cpuBelow: optional(
    fitting(
      'CPU use that still counts as quiet, in percent of one core.',
      '^[0-9]{1,4}(\\.[0-9]{1,3})?%$',
      'a percentage such as 10%',
      { examples: ['10%'], meaning: 'percent' satisfies Meaning },
    ),
  ),
  warnBefore: optional(duration('Countdown on its terminals before the stop; 0s = none.', '0s', '2m')),
});

const policy = { Heal: 'undo them', Report: 'only say so' };
const drift = Type.Unsafe<keyof typeof policy | { policy?: keyof typeof policy; ignore?: Ignorable[] }>({
  title: '`Heal` or `Report` or map',
  description: 'What to do about changes made by hand: `Heal`, `Report`, or `{policy, ignore}`.',
  type: ['string', 'object'],
  if: { type: 'string' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { enum: Object.keys(policy) },
  properties: {
    policy: choice('The same as the short form.', policy),
    ignore: list(
      'What hands changed of these stays as it is, until the file says another value or the container is made anew.',
      Type.Unsafe<Ignorable>({
        ...choice('A setting of the running container.', {
          'resources.cpu': 'its CPU limit',
          'resources.memory': 'its memory limit',
          'resources.pids': 'its limit of processes',
          network: 'which networks it is on',
        } satisfies Record<Ignorable, string>),
        meaning: 'ignorable' satisfies Meaning,
      }),
      16,
    ),
  },
  additionalProperties: false,
  examples: ['Heal', 'Report', { policy: 'Heal', ignore: ['resources.memory'] }],
});

/** Every field that a workspace, a template and the config's `defaults` have in common. No default is said here. */
export const commonFields = {
  instance: optional(
    fitting('Only the controller of this name takes it; others list it as Elsewhere.', instancePattern, instanceRule),
  ),
  state: optional(
    choice('Whether it should run.', {
      Running: 'kept running',
      Stopped: 'stopped, home kept',
      OnDemand: 'stopped until somebody enters it',
    }),
  ),
  image: optional(image),
  command: optional(command),
  env: optional(
    map(
      'Environment variables; maps of template and spec are merged.',
      { pattern: '^[A-Za-z_][A-Za-z0-9_]*$', rule: 'letters, digits and _, and no digit first' },
      text('Value.', { maxLength: 32_768 }),
      256,
    ),
  ),
  envFrom: optional(
    list(
      'Files of `KEY=value` lines below `secretsRoot`; their values appear in no status, plan, log or label.',
      closed('One file.', {
        file: text('Plain relative file name.', { minLength: 1, maxLength: 255, examples: ['ada.env'] }),
      }),
      32,
    ),
  ),
  user: optional(
    closed('Uid and gid belong to the owner; this adds to them.', {
      groups: optional(list('Numeric ids of extra groups, for shared data.', gid, 64)),
    }),
  ),
  resources: optional(
    closed('Hard limits.', {
      cpu: optional(cpu('CPU cores: 2, 0.5 or 500m.')),
      memory: optional(memory('Memory with swap, at least 64Mi.')),
      pids: optional(Type.Integer({ minimum: 16, maximum: 4_194_304, description: 'Processes and threads.' })),
      shm: optional(memory('Size of /dev/shm; what is in it counts as memory.')),
    }),
  ),
  storage: optional(
    closed('What outlives the container.', {
      home: optional(home),
      mounts: optional(list('Host folders; a list of the spec replaces the one of the template.', mount, 64)),
    }),
  ),
  network: optional(
    closed('What it can reach.', {
      mode: optional(
        choice('Reach at all.', {
          internet: 'out to the network, not to the host or its neighbours',
          none: 'loopback only',
        }),
      ),
      allow: optional(list('Addresses of the host that it may reach nevertheless.', address, 64)),
    }),
  ),
  security: optional(
    closed('How much the user may do inside.', {
      profile: optional(
        choice('Privileges.', { restricted: 'none', sudo: 'sudo and apt work inside; weaker isolation' }),
      ),
    }),
  ),
  idle: optional(idle),
  stopGracePeriod: optional(duration('Time between the request to stop and the kill, at most 1h.', '30s')),
  restart: optional(
    closed('When its command ends by itself; with command Keep it always comes back.', {
      policy: optional(
        choice('Bring it back.', { Never: 'never', OnFailure: 'when the exit code is not 0', Always: 'always' }),
      ),
    }),
  ),
  updatePolicy: optional(
    choice('When a change that needs a new container is made.', {
      OnStop: 'at the next stop',
      Now: 'at once: the workspace restarts',
    }),
  ),
  deletionPolicy: optional(
    choice('What becomes of the home when no file declares the workspace any more and its container was removed.', {
      Retain: 'it stays where it is',
      Trash: 'it moves to the trash, which only a person empties',
    }),
  ),
  deletionProtection: optional(flag('A missing file neither stops nor removes it; to remove it, write false first.')),
  adopt: optional(
    flag(
      'Take over a running container that somebody made by hand under its name, without a restart; its home must fit.',
    ),
  ),
  drift: optional(drift),
  suspend: optional(flag('Do nothing to it; only report.')),
};
