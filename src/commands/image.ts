import { Command } from 'commander';
import { makeProgress } from './progress.ts';

type Options = {
  kind: 'workspace' | 'test';
  tag: string;
  base: string | undefined;
  certificateFolder: string | undefined;
  noCache: boolean;
};
type Progress = (event: { kind: 'step' | 'output'; text: string }) => void;
type Built = { outcome: 'built' | 'present'; tag: string; id: string; base: string; sizeBytes: number };

export type ImageDeps = {
  buildImage: (options: Options, on: Progress) => Promise<Built>;
  /** One line of data, for stdout. */
  out: (line: string) => void;
  /** Progress, for stderr. */
  write: (text: string) => void;
  terminal: boolean;
  now: () => number;
  environment: NodeJS.ProcessEnv;
};

type Flags = { base?: string; ca?: string; tag?: string; cache: boolean; test?: boolean };

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
    .action((flags: Flags) => build(flags, deps));
  return image;
}

async function build(flags: Flags, deps: ImageDeps): Promise<void> {
  const kind = flags.test ? 'test' : 'workspace';
  const progress = makeProgress(deps);
  const options = {
    kind,
    tag: flags.tag ?? `workdock-${kind}:latest`,
    base: flags.base,
    certificateFolder: flags.ca ?? (deps.environment['WORKDOCK_CA'] || undefined),
    noCache: !flags.cache,
  } as const;
  try {
    const built = await deps.buildImage(options, ({ kind: what, text }) => progress[what](text));
    progress.done();
    const how = built.outcome === 'built' ? `built on ${built.base}` : 'is up to date';
    deps.out(`${built.tag}  ${how}  ${(built.sizeBytes / 1e9).toFixed(2)} GB  ${built.id.slice(0, 19)}`);
  } finally {
    progress.done();
  }
}
