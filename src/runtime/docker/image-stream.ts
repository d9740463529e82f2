import { createInterface } from 'node:readline';
import { WorkdockError } from '../../lib/errors.ts';

/** What a long job on images says while it runs. A step ends when the next one begins. */
export type ImageProgress = { kind: 'step'; text: string } | { kind: 'output'; text: string };
export type OnImageProgress = (event: ImageProgress) => void;

/** No line for this long means stuck: the slowest silent step seen, unpacking JupyterLab, took 20 s on two cores. */
const SILENCE_MS = 10 * 60_000;
const LAST_LINES = 12;

type EngineLine = { stream?: string; status?: string; error?: string; aux?: { ID?: string } };

/**
 * Reads the engine's answer to a build, pull or import until it ends.
 * @throws WorkdockError ENGINE_FAILED with the failing command's last lines, ENGINE_TIMEOUT after 10 silent minutes.
 */
export async function followEngine(answer: NodeJS.ReadableStream, what: string, on: OnImageProgress): Promise<void> {
  const tell = makeTeller(on);
  const stuck = setTimeout(() => destroy(answer, stuckError(what)), SILENCE_MS);
  try {
    for await (const line of createInterface({ input: answer })) {
      stuck.refresh();
      const said = parseLine(line);
      if (said.error !== undefined) throw failed(what, [...tell.last(), said.error.trim()]);
      for (const text of (said.stream ?? said.status ?? '').split(/[\r\n]+/)) tell.line(text);
    }
  } finally {
    clearTimeout(stuck);
  }
}

/** The engine answers with one JSON object a line; a line that is none is passed on as it is. */
function parseLine(line: string): EngineLine {
  try {
    return JSON.parse(line) as EngineLine;
  } catch {
    return { stream: line };
  }
}

/** A step is told with the engine's next line, which says whether it was kept from an earlier build. */
function makeTeller(on: OnImageProgress) {
  let last: string[] = []; // of the running step only: other steps' lines do not help when it fails
  let step: string | undefined;
  const flush = (kept: boolean) => {
    if (step !== undefined) on({ kind: 'step', text: kept ? `${step}  (kept)` : step });
    step = undefined;
  };
  return {
    last: () => last,
    line(raw: string) {
      const text = stripColour(raw).trimEnd();
      if (text === '') return;
      const next = /^Step (\d+\/\d+) : (.*)$/.exec(text);
      flush(text.includes('---> Using cache'));
      if (next) {
        step = `${next[1]}  ${shorten(next[2] ?? '')}`;
        last = [];
        return;
      }
      last = [...last, text].slice(-LAST_LINES);
      on({ kind: 'output', text: text.trim() });
    },
  };
}

const STEP_WIDTH = 80;
const shorten = (text: string) => (text.length > STEP_WIDTH ? `${text.slice(0, STEP_WIDTH)}…` : text);
const stripColour = (text: string) => text.replaceAll(/\u001b\[[0-9;]*m/g, '');

function failed(what: string, lines: string[]): WorkdockError {
  return new WorkdockError('ENGINE_FAILED', `${what} failed:\n  ${lines.join('\n  ')}`, {
    hint: hintFor(lines.join('\n')),
  });
}

/** Only advice depends on these texts, no decision. */
function hintFor(text: string): string {
  if (/CERTIFICATE_VERIFY_FAILED|certificate verif|SSLError/i.test(text)) {
    return 'your network has its own certificate authority: give the folder of its certificates with --ca DIR';
  }
  if (/resolv|name resolution|Could not connect|Network is unreachable|timed out/i.test(text)) {
    return 'containers do not reach the package servers: check DNS and firewall, or set HTTP_PROXY and HTTPS_PROXY';
  }
  if (/No space left/i.test(text)) return 'the disk of the engine is full: docker system df shows what can go';
  return 'the lines above are the failing command; after mending it, run the same again: finished steps are kept';
}

const stuckError = (what: string) =>
  new WorkdockError('ENGINE_TIMEOUT', `${what} said nothing for ${SILENCE_MS / 60_000} minutes`, {
    hint: 'check the network of the engine, then run the same again: finished steps are kept',
  });

const destroy = (stream: NodeJS.ReadableStream, error: Error) => {
  if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy(error);
};
