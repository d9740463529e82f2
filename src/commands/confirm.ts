import { WorkdockError } from '../lib/errors.ts';
import type { Io } from './io.ts';

/** Asks on the terminal and gives what was typed; undefined when there is nobody to ask. */
export type AskPerson = (question: string) => Promise<string | undefined>;

/** `word`: what confirms it. `lost`: lines that say what will be gone. */
type Confirmation = { word: string; lost: string[]; what: string };

/**
 * The word that confirms a deletion: given with --confirm, else typed by a person who has read what will be lost.
 * @throws USAGE without a terminal and without --confirm, REFUSED for another word.
 */
export async function confirmed(
  { io, askPerson }: { io: Pick<Io, 'err'>; askPerson: AskPerson },
  { word, lost, what }: Confirmation,
  given: string | undefined,
): Promise<string> {
  for (const line of lost) io.err(line);
  const typed = given ?? (await askPerson(`Nothing brings ${what} back. Type ${word} to delete: `))?.trim();
  if (typed === undefined) {
    const hint = `--confirm ${word} deletes ${what} for good`;
    throw new WorkdockError('USAGE', 'nobody is there to confirm it', { hint });
  }
  if (typed === word) return word;
  throw new WorkdockError('REFUSED', `${JSON.stringify(typed)} is not ${word}: nothing was deleted`, {
    hint: `type ${word}, or give --confirm ${word}, to delete ${what} for good`,
  });
}
