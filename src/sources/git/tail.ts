import { plain } from '../../lib/plain-text.ts';

const KEEP_BYTES = 8 * 1024;
const KEEP_LINES = 3;
const KEEP_TEXT = 400;

/** What git adds to every failure of a transfer; it says nothing of this one. */
const always = /^(?:Please make sure you have the correct access rights|and the repository exists\.)$/;
/** Progress that git and the other side draw over and over; of no use once it failed. */
const progress = /^(?:remote: )?(?:[A-Z][a-z]+(?: [a-z]+)* objects?|Total|Unpacking|Resolving deltas|Enumerating)\b.*/;

/** Keeps the end of what a program said, however much it says. */
export function makeTail() {
  let kept = '';
  return {
    add: (chunk: Buffer): void => {
      kept = (kept + chunk.toString('utf8')).slice(-KEEP_BYTES);
    },
    /** The last lines that tell something, on one line without control characters. */
    text: (): string => {
      const lines = kept.split(/[\r\n]+/).map(plain);
      const telling = lines.filter((line) => line !== '' && !progress.test(line) && !always.test(line));
      return [...telling.slice(-KEEP_LINES).join('; ')].slice(-KEEP_TEXT).join('');
    },
  };
}
