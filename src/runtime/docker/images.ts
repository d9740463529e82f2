import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { Accounts } from './accounts.ts';
import type { Archive } from './archive.ts';
import { containerOf, type Engine } from './connect.ts';
import { allow } from './errors.ts';
import { type Labels, label } from './labels.ts';
import type { Names } from './names.ts';
import { inspectImage } from './untyped.ts';

/** What a container's start needs to know of its image. */
export type ImageAccounts = Accounts & { shell: string };

export type ImageDefaults = { env: string[]; command: string[] };

/** Entrypoint and command as they come from the engine, as one list. */
export const words = (...parts: (string | string[] | null | undefined)[]): string[] =>
  parts.flatMap((part) => part ?? []);

type Deps = { engine: Engine; archive: Archive; instanceUid: string; names: Names; clock: Pick<Clock, 'monotonic'> };

const RECENT_MS = 2_000;

/** Facts of images. An image id never changes its content, so each is asked once per process. */
export function makeImages({ engine, archive, instanceUid, names, clock }: Deps) {
  const looked = new Map<string, { id: string; atMs: number }>();
  const labelsById = new Map<string, Labels>();
  const accountsById = new Map<string, Promise<ImageAccounts>>();

  const inspect = (ref: string) =>
    allow(
      404,
      engine.read(`inspect image ${ref}`, (docker, abortSignal) => inspectImage(docker, ref, { abortSignal })),
    );
  const remove = (id: string) =>
    allow(
      404,
      engine.mutate('remove probe', (docker, abortSignal) =>
        containerOf(docker, id).remove({ force: true, v: true, abortSignal }),
      ),
    );

  /** Probes that a killed controller left behind; younger ones may belong to a call in flight. */
  const sweep = async () => {
    const filters = { label: [`${label.probe}=${instanceUid}`] };
    const left = await engine.read('list probes', (docker, abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    );
    const old = left.filter(({ Created }) => Date.now() / 1000 - Created > 120);
    await Promise.all(old.map(({ Id }) => remove(Id)));
  };

  /** Only a container shows an image's files; this one is never started. */
  const probe = async (imageId: string): Promise<ImageAccounts> => {
    await sweep();
    const { id } = await engine.mutate('create probe', (docker, abortSignal) =>
      docker.createContainer({
        name: names.probe(randomBytes(6).toString('hex')),
        Image: imageId,
        Cmd: ['/bin/true'],
        Labels: { [label.probe]: instanceUid },
        HostConfig: { NetworkMode: 'none' },
        abortSignal,
      }),
    );
    try {
      const [accounts, bash] = await Promise.all([archive.readAccounts(id), archive.has(id, '/bin/bash')]);
      return { ...accounts, shell: bash ? '/bin/bash' : '/bin/sh' };
    } finally {
      await remove(id);
    }
  };

  /** The id a reference points to now; null when the engine has no such image. */
  const idOf = async (ref: string): Promise<string | null> => {
    const image = await inspect(ref);
    looked.delete(ref);
    if (!image) return null;
    labelsById.set(image.Id, image.Config?.Labels ?? {});
    looked.set(ref, { id: image.Id, atMs: clock.monotonic() });
    return image.Id;
  };

  return {
    idOf,
    /** As the last look at the reference found it, a moment ago; only to prepare a create, which asks the engine. */
    recentIdOf: async (ref: string): Promise<string | null> => {
      const last = looked.get(ref);
      return last && clock.monotonic() - last.atMs < RECENT_MS ? last.id : idOf(ref);
    },
    /** What containers have of an image unless they say otherwise; empty when it is gone. */
    defaults: async (imageId: string): Promise<ImageDefaults> => {
      const { Env, Entrypoint, Cmd } = (await inspect(imageId))?.Config ?? {};
      return { env: Env ?? [], command: words(Entrypoint, Cmd) };
    },
    /** Labels of an image; null when it is gone. */
    labels: async (imageId: string): Promise<Labels | null> => {
      const known = labelsById.get(imageId);
      if (known) return known;
      const image = await inspect(imageId);
      if (!image) return null;
      const labels: Labels = image.Config?.Labels ?? {};
      labelsById.set(imageId, labels);
      return labels;
    },
    accounts: (imageId: string): Promise<ImageAccounts> => {
      const known = accountsById.get(imageId);
      if (known !== undefined) return known;
      const asked = probe(imageId);
      accountsById.set(imageId, asked);
      asked.catch(() => accountsById.delete(imageId));
      return asked;
    },
  };
}

export type Images = ReturnType<typeof makeImages>;
