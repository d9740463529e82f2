import type { GitProtocol } from '../../lib/git-remote.ts';

export type Access = {
  protocol: GitProtocol | null;
  /** Private key of ssh: no agent is asked and no key is guessed. Null: what ssh is configured with. */
  key: string | null;
  /** Hosts that ssh believes; null: those of the account the controller runs as. */
  knownHosts: string | null;
};

/** git, and the programs it starts, without a way to ask a person and without anybody's config, hooks or helpers. */
const closed = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  SSH_ASKPASS: '/bin/false',
  SSH_ASKPASS_REQUIRE: 'never',
  GCM_INTERACTIVE: 'never',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  // A partial clone would fetch what is missing from wherever its own config says.
  GIT_NO_LAZY_FETCH: '1',
  GIT_SSH_VARIANT: 'ssh',
  LC_ALL: 'C',
};

/** For every call: a repository's own config could name programs to run. */
export const safeArgs = [
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'core.untrackedCache=false'],
  ...['-c', 'credential.helper=', '-c', 'protocol.allow=never', '-c', 'submodule.recurse=false'],
  ...['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'log.showSignature=false'],
];

/** Our environment without git's own variables, which would lead to another repository. */
const inherited = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:GIT_|SSH_ASKPASS|LC_|LANG)/.test(name)));

/** For reading a checkout: its user's config counts (who may read which repository), and no protocol is spoken. */
export const localEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...inherited(env),
  ...closed,
  GIT_ALLOW_PROTOCOL: '',
});

/** For the mirror. `configFile` is ours and stands in the place of the user's. */
export const mirrorEnvironment = (env: NodeJS.ProcessEnv, configFile: string, access: Access): NodeJS.ProcessEnv => ({
  ...localEnvironment(env),
  GIT_CONFIG_GLOBAL: configFile,
  GIT_ALLOW_PROTOCOL: access.protocol ?? '',
  GIT_SSH_COMMAND: sshCommand(access),
});

/** One word of a shell, which is what git hands the command to. */
const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** One file name in the words of ssh_config(5), where `%` begins a token and blanks end a value. */
const file = (path: string): string => `"${path.replaceAll('%', '%%')}"`;

/** ssh that asks nobody, believes only known hosts, gives up on a dead line, and opens nothing but the one channel. */
export function sshCommand({ key, knownHosts }: Access): string {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=2',
    'ControlMaster=no',
    'ControlPath=none',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    ...(key === null ? [] : ['IdentitiesOnly=yes', 'IdentityAgent=none', `IdentityFile=${file(key)}`]),
    ...(knownHosts === null ? [] : [`UserKnownHostsFile=${file(knownHosts)}`]),
  ];
  return ['ssh', ...options.flatMap((option) => ['-o', word(option)])].join(' ');
}
