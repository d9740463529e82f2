import { parentPort } from 'node:worker_threads';
import { parseFile } from './parse.ts';

/** What the thread says: that it is loaded, and the answer to the text it got. */
export type Reply = { kind: 'ready' } | { kind: 'parsed'; id: number; parsed: ReturnType<typeof parseFile> };

const say = (reply: Reply) => parentPort?.postMessage(reply);

parentPort?.on('message', ({ id, path, text }: { id: number; path: string; text: string }) => {
  say({ kind: 'parsed', id, parsed: parseFile(path, text) });
});
say({ kind: 'ready' });
