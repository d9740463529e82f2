import { createHash } from 'node:crypto';
import type { ParsedFile } from './document.ts';
import { parseFile } from './parse.ts';
import { makeParseThread } from './parse-thread.ts';
import { makeSlices } from './slices.ts';

/** The worst text of this length takes 25 ms on a cold start (yaml 2.9.1, measured); longer ones get a thread. */
const INLINE_CHARACTERS = 2_048;
/** Files whose last reading is remembered. */
const MAX_REMEMBERED = 20_000;

export type ParserOptions = { deadlineMs?: number; warm?: boolean };

export type Parser = {
  /** Never rejects. The same text under the same path gives the same object: nothing is read again. */
  parse: (path: string, text: string) => Promise<ParsedFile>;
  close: () => Promise<void>;
};

/**
 * `parseFile` for a controller: does not block the event loop, gives up on a text after `deadlineMs`, and remembers
 * the last text of each path. `warm` loads the thread at once, so that the first long text need not wait for it (0.3 s,
 * seconds on a busy machine): for a controller, not for a verb that reads a few short files.
 */
export function makeParser({ deadlineMs = 1_500, warm = false }: ParserOptions = {}): Parser {
  const thread = makeParseThread(deadlineMs);
  if (warm) thread.warm();
  const pause = makeSlices();
  const remembered = new Map<string, { digest: string; parsed: Promise<ParsedFile> }>();
  let line: Promise<unknown> = Promise.resolve(); // short texts are read here, one after the other

  function readHere(path: string, text: string): Promise<ParsedFile> {
    const parsed = line.then(pause).then(() => parseFile(path, text));
    line = parsed;
    return parsed;
  }

  return {
    parse: (path, text) => {
      const digest = createHash('sha256').update(text).digest('base64');
      const known = remembered.get(path);
      if (known?.digest === digest) return known.parsed;
      const parsed = text.length > INLINE_CHARACTERS ? thread.parse(path, text) : readHere(path, text);
      remembered.delete(path); // so that the map is in order of age
      remembered.set(path, { digest, parsed });
      const [oldest] = remembered.keys();
      if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      return parsed;
    },
    close: thread.close,
  };
}
