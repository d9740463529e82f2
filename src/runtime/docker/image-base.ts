import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type Docker from 'dockerode';
import { withDeadline } from '../../lib/async.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { followEngine, type OnImageProgress } from './image-stream.ts';

/** Pulled where a registry answers; else made from Debian's packages under the other name. */
const PULLED = { repo: 'debian', tag: 'bookworm-slim' };
const MADE = { repo: 'workdock-base', tag: 'bookworm' };
const text = ({ repo, tag }: { repo: string; tag: string }) => `${repo}:${tag}`;

/** An engine without a way out says so at once (30 ms measured); one behind a silent firewall would try for minutes. */
const REGISTRY_ANSWERS_MS = 8_000;
const INSPECT_MS = 10_000;

export type Base = { ref: string; id: string };

/** The base a build would take without fetching or making one: the one asked for, else one of ours. */
export async function presentBase(docker: Docker, asked: string | undefined): Promise<Base | undefined> {
  for (const ref of asked === undefined ? [text(PULLED), text(MADE)] : [asked]) {
    const id = await imageId(docker, ref);
    if (id !== undefined) return { ref, id };
  }
  return undefined;
}

/** A base that is there: one already on the engine, else pulled, else, where none was asked for, made here. */
export async function ensureBase(docker: Docker, asked: string | undefined, on: OnImageProgress): Promise<Base> {
  const present = await presentBase(docker, asked);
  if (present) return present;
  const wanted = asked ?? text(PULLED);
  const problem = await pull(docker, wanted, on);
  if (asked !== undefined || problem === undefined) return found(docker, wanted, problem);
  on({ kind: 'step', text: `no registry answers: making ${text(MADE)} from Debian's packages` });
  await makeBase(docker, on);
  return found(docker, text(MADE), undefined);
}

async function imageId(docker: Docker, ref: string): Promise<string | undefined> {
  const all = await withDeadline(
    INSPECT_MS,
    (abortSignal) => docker.listImages({ filters: { reference: [ref] }, abortSignal }),
    () => new WorkdockError('ENGINE_TIMEOUT', 'the engine does not answer', { hint: 'check that docker ps answers' }),
  );
  return all[0]?.Id;
}

async function found(docker: Docker, ref: string, cause: unknown) {
  const id = await imageId(docker, ref);
  if (id !== undefined) return { ref, id };
  const hint = 'give a base this engine has or can pull: --base REF';
  throw new WorkdockError('IMAGE_NOT_FOUND', `no base image ${ref}`, { hint, cause });
}

/** Why the pull failed, or nothing. The engine asks, not we: proxies and mirrors are its configuration. */
async function pull(docker: Docker, ref: string, on: OnImageProgress): Promise<unknown> {
  on({ kind: 'step', text: `pulling ${ref}` });
  try {
    const late = () => new WorkdockError('ENGINE_TIMEOUT', 'no registry answers', { hint: 'check the network' });
    const answer = await withDeadline(REGISTRY_ANSWERS_MS, (abortSignal) => docker.pull(ref, { abortSignal }), late);
    await followEngine(answer, `pull of ${ref}`, on);
    return undefined;
  } catch (cause) {
    return cause;
  }
}

/**
 * mmdebstrap writes the tar of a small Debian to its stdout; the engine imports it as it comes. The engine takes a tar
 * that was cut off for a whole one, so the result gets its name only when mmdebstrap ended well.
 */
async function makeBase(docker: Docker, on: OnImageProgress): Promise<void> {
  const sources = bookwormSources();
  const child = spawn('mmdebstrap', [...MMDEBSTRAP, 'bookworm', '-', ...(sources === '' ? [] : ['-'])]);
  await once(child, 'spawn').catch((cause: unknown) => {
    throw noTool(cause);
  });
  const ended = once(child, 'close');
  child.stdin.on('error', () => {}).end(sources); // it may exit before it reads; its exit code is what counts
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    on({ kind: 'output', text: line });
  });
  const image = docker.getImage(await importTar(docker, child.stdout, on));
  const [code] = (await ended) as [number | null];
  if (code === 0) return image.tag(MADE);
  await image.remove();
  throw new WorkdockError('ENGINE_FAILED', `mmdebstrap failed:\n  ${last.slice(-8).join('\n  ')}`, {
    hint: 'check that apt-get update works here, as root',
  });
}

const MMDEBSTRAP = [
  '--variant=minbase',
  '--include=ca-certificates',
  '--format=tar',
  ...['doc', 'man', 'locale'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
];

/** The id of what was imported: the engine's last status line. */
async function importTar(docker: Docker, tar: NodeJS.ReadableStream, on: OnImageProgress): Promise<string> {
  let id = '';
  const answer = await docker.importImage(tar, { changes: 'CMD ["/bin/bash"]' });
  await followEngine(answer, `import of ${text(MADE)}`, (event) => {
    if (event.text.startsWith('sha256:')) id = event.text;
    else on(event);
  });
  return id;
}

const noTool = (cause: unknown) =>
  new WorkdockError('REFUSED', 'no registry answers, and mmdebstrap, which makes a base image here, is missing', {
    hint: 'apt-get install mmdebstrap, or give a base image this engine has: --base REF',
    cause,
  });

/**
 * The sources this host gets bookworm from, so that a site's mirror is used; none on another system, where mmdebstrap
 * knows a server itself. Stanzas of other projects (their component is not `main` of a `bookworm` suite) stay out.
 */
function bookwormSources(): string {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...list(folder).map((name) => `${folder}/${name}`)];
  const lines = files.filter((file) => file.endsWith('.list')).flatMap((file) => read(file).split('\n'));
  const stanzas = files.filter((file) => file.endsWith('.sources')).flatMap((file) => read(file).split(/\n\s*\n/));
  const oneLine = lines.filter((line) => /^deb\s.*\sbookworm\S*\s(.*\s)?main(\s|$)/.test(line));
  const long = stanzas.filter(
    (stanza) => /^Suites:.*\bbookworm(\s|-|$)/m.test(stanza) && /^Components:.*\bmain\b/m.test(stanza),
  );
  return long.length > 0 ? `${long.join('\n\n')}\n` : oneLine.map((line) => `${line}\n`).join('');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
