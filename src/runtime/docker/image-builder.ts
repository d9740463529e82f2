import Docker from 'dockerode';
import { withDeadline } from '../../lib/async.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { buildImage, type ImageBuildOptions, type ImageBuilt } from './image-build.ts';
import type { OnImageProgress } from './image-stream.ts';

const TRY_MS = 60_000;
const BUILT_BY = { 'dev.workdock.image-check': 'true' };

/** `buildImage` on the engine that DOCKER_HOST or the default socket names, and a first start of what was built. */
export async function buildHere(
  options: Omit<ImageBuildOptions, 'environment'>,
  on: OnImageProgress,
): Promise<ImageBuilt> {
  try {
    const docker = new Docker();
    const built = await buildImage(docker, { ...options, environment: process.env }, on);
    if (built.outcome === 'built') await tryImage(docker, built, on);
    return built;
  } catch (error) {
    throw unreachable(error) ?? error;
  }
}

/** An image can build and still not start, for example one of another processor: better seen here than by a user. */
async function tryImage(docker: Docker, { id, tag }: ImageBuilt, on: OnImageProgress): Promise<void> {
  on({ kind: 'step', text: `starting ${tag} once` });
  const container = await docker.createContainer({
    Image: id,
    Cmd: ['python3', '--version'],
    Labels: BUILT_BY,
    HostConfig: { NetworkMode: 'none' },
  });
  const hint = `look at it with docker run ${tag} python3 --version`;
  const late = () => new WorkdockError('START_FAILED', `${tag} did not end within a minute`, { hint });
  try {
    await container.start();
    const { StatusCode } = (await withDeadline(TRY_MS, (abortSignal) => container.wait({ abortSignal }), late)) as {
      StatusCode: number;
    };
    if (StatusCode !== 0) {
      throw new WorkdockError('START_FAILED', `${tag} starts but python3 ends with ${StatusCode}`, { hint });
    }
  } finally {
    await container.remove({ force: true });
  }
}

function unreachable(error: unknown): WorkdockError | undefined {
  const { code } = error as { code?: string };
  const hints: Record<string, string> = {
    EACCES: 'add yourself to the group docker and log in again, or use sudo',
    ECONNREFUSED: 'start it: systemctl start docker, or ./scripts/up',
    ENOENT: 'start it: systemctl start docker, or ./scripts/up',
  };
  const hint = code === undefined ? undefined : hints[code];
  const where = process.env['DOCKER_HOST'] ?? '/var/run/docker.sock';
  return hint === undefined
    ? undefined
    : new WorkdockError('ENGINE_UNREACHABLE', `no Docker engine answers at ${where} (${code})`, { hint, cause: error });
}
