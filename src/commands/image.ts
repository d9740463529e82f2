import { Command } from 'commander';
import { makeProgress } from './progress.ts';

type Options = {
  kind: 'workspace' | 'test';
  tag: string;
  base: string | undefined;
  certificateFolder: string | undefined;
  noCache: boolean;
  only: 'all' | 'base' | 'check';
};
type Progress = (event: { kind: 'step' | 'output'; text: string }) => void;
type Built = {
  outcome: 'built' | 'present' | 'base' | 'missing' | 'outdated';
  tag: string;
  id: string;
  base: string;
  sizeBytes: number;
};

export type ImageDeps = {
  buildImage: (options: Options, on: Progress) => Promise<Built>;
  /** One line of data, for stdout. */
  out: (line: string) => void;
  /** Progress, for stderr. */
  write: (text: string) => void;
  terminal: boolean;
  now: () => number;
  environment: NodeJS.ProcessEnv;
  exit: (code: number) => void;
};

type Flags = {
  base?: string;
  ca?: string;
  tag?: string;
  cache: boolean;
  test?: boolean;
  check?: boolean;
  baseOnly?: boolean;
};

/** `workdock image build`: what is there already, built from the same inputs, is left as it is. */
export function imageCommand(deps: ImageDeps): Command {
  const image = new Command('image').description('the image workspaces start from');
  image
    .command('build')
    .description('build the workspace image on the engine')
    .option('--base <ref>', 'image to build on (Debian bookworm: pulled, or made here where no registry answers)')
    .option('--ca <dir>', 'folder of extra certificate authorities (WORKDOCK_CA; otherwise those this host trusts)')
    .option('--tag <ref>', 'name of the result (workdock-workspace:latest)')
    .option('--no-cache', 'build every step again')
    .option('--test', 'build the small image for tests instead')
    .option('--check', 'build nothing; exit 1 when there is something to build')
    .option('--base-only', 'make sure of the base image and build nothing on it')
    .action((flags: Flags) => build(flags, deps).then(deps.exit));
  return image;
}

async function build(flags: Flags, deps: ImageDeps): Promise<number> {
  const kind = flags.test ? 'test' : 'workspace';
  const progress = makeProgress(deps);
  const options = {
    kind,
    tag: flags.tag ?? `workdock-${kind}:latest`,
    base: flags.base,
    certificateFolder: flags.ca ?? (deps.environment['WORKDOCK_CA'] || undefined),
    noCache: !flags.cache,
    only: flags.check ? 'check' : flags.baseOnly ? 'base' : 'all',
  } as const;
  try {
    const built = await deps.buildImage(options, ({ kind: what, text }) => progress[what](text));
    progress.done();
    deps.out(summary(built));
    return built.outcome === 'missing' || built.outcome === 'outdated' ? 1 : 0;
  } finally {
    progress.done();
  }
}

function summary({ outcome, tag, base, id, sizeBytes }: Built): string {
  const facts = `${(sizeBytes / 1e9).toFixed(2)} GB  ${id.slice(0, 19)}`;
  switch (outcome) {
    case 'built':
      return `${tag}  built on ${base}  ${facts}`;
    case 'present':
      return `${tag}  is up to date  ${facts}`;
    case 'base':
      return `${base}  is here  ${id.slice(0, 19)}`;
    case 'missing':
      return `${tag}  is not on this engine`;
    case 'outdated':
      return `${tag}  was built from other inputs`;
  }
}
