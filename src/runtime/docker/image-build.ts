import { join } from 'node:path';
import type Docker from 'dockerode';
import { withDeadline } from '../../lib/async.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { certificatesOf, hostCertificates } from './certificates.ts';
import { ensureBase, presentBase } from './image-base.ts';
import { contextHash, dockerFolder, packContext } from './image-context.ts';
import { followEngine, type OnImageProgress } from './image-stream.ts';

export type ImageBuildOptions = {
  kind: 'workspace' | 'test';
  tag: string;
  /** Undefined: Debian bookworm, pulled or made here. */
  base: string | undefined;
  /** A folder of extra certificate authorities. Undefined: those this host trusts beyond the public ones. */
  certificateFolder: string | undefined;
  noCache: boolean;
  /** `check` only tells what `all` would do; `base` makes sure of the base image and stops there. */
  only: 'all' | 'base' | 'check';
  environment: NodeJS.ProcessEnv;
};

export type ImageBuilt = {
  outcome: 'built' | 'present' | 'base' | 'missing' | 'outdated';
  tag: string;
  id: string;
  base: string;
  sizeBytes: number;
};

const BUILD = 'dev.workdock.build';
const CALL_MS = 15_000;

/** Proxies are build arguments that every engine knows and keeps out of the image; the Dockerfile declares the rest. */
const PASSED_ON = /^(https?_proxy|no_proxy|ftp_proxy|PIP_INDEX_URL|PIP_EXTRA_INDEX_URL|PIP_TRUSTED_HOST)$/i;

/**
 * Makes sure the image is there, built from exactly these inputs; building again costs nothing when it is.
 * @throws WorkdockError with the failing command's last lines.
 */
export async function buildImage(docker: Docker, options: ImageBuildOptions, on: OnImageProgress): Promise<ImageBuilt> {
  const { kind, tag, certificateFolder, environment } = options;
  const folder = join(dockerFolder, kind);
  const certificates = certificateFolder ? certificatesOf(certificateFolder) : hostCertificates(environment);
  const before = await inspect(docker, tag);
  const none = { tag, id: '', base: '', sizeBytes: 0 };
  const base = await (options.only === 'check' ? presentBase : ensureBase)(docker, options.base, on);
  if (base === undefined) return { ...none, ...before, outcome: before ? 'outdated' : 'missing' };
  if (options.only === 'base') return { ...none, outcome: 'base', base: base.ref, id: base.id };

  const build = contextHash(folder, base.id, certificates);
  if (before?.build === build && !options.noCache) return { ...before, outcome: 'present', tag, base: base.ref };
  if (options.only === 'check') return { ...none, ...before, outcome: before ? 'outdated' : 'missing' };

  const answer = await docker.buildImage(packContext(folder, certificates), {
    t: tag,
    buildargs: { ...buildArguments(environment), BASE: base.ref },
    labels: { [BUILD]: build },
    nocache: options.noCache,
    rm: true,
    forcerm: true, // what a failed step leaves behind is of no use to anyone
  });
  await followEngine(answer, `build of ${tag}`, on);
  const after = await inspect(docker, tag);
  if (after?.build === build) return { outcome: 'built', tag, base: base.ref, ...after };
  throw new WorkdockError('ENGINE_FAILED', `the build of ${tag} ended without an image`, { hint: 'run it again' });
}

function buildArguments(environment: NodeJS.ProcessEnv): Record<string, string> {
  const set = Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  return Object.fromEntries(set.filter(([name]) => PASSED_ON.test(name)));
}

async function inspect(docker: Docker, tag: string) {
  const late = () =>
    new WorkdockError('ENGINE_TIMEOUT', 'the engine does not answer', { hint: 'does docker ps answer?' });
  try {
    const info = await withDeadline(CALL_MS, () => docker.getImage(tag).inspect(), late);
    const labels = info.Config.Labels as Record<string, string> | null; // an image without labels has null here
    return { id: info.Id, sizeBytes: info.Size, build: labels?.[BUILD] };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}
