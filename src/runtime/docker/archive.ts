import type { IncomingMessage } from 'node:http';
import type { Accounts } from './accounts.ts';
import { containerOf, type Engine } from './connect.ts';
import { allow, translate } from './errors.ts';
import { firstFile, packFiles } from './tar.ts';

/** Larger account files are not ours to rewrite. */
const MOST_BYTES = 4 * 2 ** 20;

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MOST_BYTES) throw new Error('the file is larger than 4 MiB');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** What the engine's stat header says of a path; `linkTarget` is resolved inside the container. */
type PathStat = { linkTarget: string };

/** Reading and writing files of a container, running or not, through the engine's archive calls. */
export const makeArchive = (engine: Engine) => {
  const download = (id: string, path: string): Promise<Buffer | undefined> =>
    allow(
      404,
      engine.read(`read ${path}`, async (docker, abortSignal) => {
        const stream = await containerOf(docker, id).getArchive({ path, abortSignal });
        return collect(stream).catch((cause: unknown) => {
          throw translate(cause, `read ${path}`);
        });
      }),
    );
  const stat = (id: string, path: string): Promise<PathStat | undefined> =>
    allow(
      404,
      engine.read(`look at ${path}`, async (docker, abortSignal) => {
        const response = (await containerOf(docker, id).infoArchive({ path, abortSignal })) as IncomingMessage;
        response.resume();
        const header = String(response.headers['x-docker-container-path-stat'] ?? '');
        return JSON.parse(Buffer.from(header, 'base64').toString()) as PathStat;
      }),
    );
  /** A symlink comes as itself: its target is asked for, once. */
  const readFile = async (id: string, path: string): Promise<string> => {
    const archive = await download(id, path);
    if (archive === undefined) return '';
    const plain = firstFile(archive);
    if (plain !== null) return plain.toString('utf8');
    const target = (await stat(id, path))?.linkTarget;
    const pointed = target && target !== path ? await download(id, target) : undefined;
    return (pointed && firstFile(pointed)?.toString('utf8')) ?? '';
  };
  return {
    /** A missing file reads as empty: an image need not have accounts. */
    readAccounts: async (id: string): Promise<Accounts> => {
      const [passwd, group] = await Promise.all([readFile(id, '/etc/passwd'), readFile(id, '/etc/group')]);
      return { passwd, group };
    },
    writeAccounts: async (id: string, { passwd, group }: Accounts): Promise<void> => {
      const files = { passwd, group };
      const pack = packFiles(Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) })));
      await engine.mutate('write accounts', (docker, abortSignal) =>
        containerOf(docker, id).putArchive(pack, { path: '/etc', abortSignal }),
      );
    },
    has: async (id: string, path: string): Promise<boolean> => (await stat(id, path)) !== undefined,
  };
};

export type Archive = ReturnType<typeof makeArchive>;
