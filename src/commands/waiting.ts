import { plain } from '../lib/plain-text.ts';
import type { VerbDeps } from './io.ts';

/** A workspace that runs is entered sooner, and most starts are through by then. */
const PATIENCE_MS = 700;
const LOOK_MS = 1_000;

/**
 * Tells people on stderr what they wait for, when it takes a while: that a workspace is started, and what keeps it from
 * it, each once. Until the returned function is called.
 */
export function tellWaiting(io: VerbDeps['io'], name: string, client: VerbDeps['client']): () => void {
  let timer: NodeJS.Timeout;
  let over = false;
  let said = '';
  const say = (text: string) => {
    if (over || text === said) return;
    said = text;
    io.err(`workdock: ${text}`);
  };
  const look = async (): Promise<void> => {
    const status = (await (await client()).list([name]))[0];
    if (!status) return;
    const { phase, last, message } = status;
    const trouble = last.error?.message ?? last.waitsFor ?? (phase === 'Failed' ? message : '');
    if (trouble !== '') say(`${name} is ${phase}: ${plain(trouble)}`);
    else say(phase === 'Running' ? `waiting for ${name} ...` : `starting ${name} ...`);
  };
  const again = () => {
    void look()
      .catch(() => undefined) // whoever opens the stream gets the error
      .finally(() => {
        if (!over) timer = setTimeout(again, LOOK_MS);
      });
  };
  timer = setTimeout(again, PATIENCE_MS);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
