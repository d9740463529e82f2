import type { WorkdockError } from '../lib/errors.ts';
import type { Archived, Emptied, HomeRow, HomeSize, Purged, Restored, TrashRow } from '../model/homes.ts';
import { connectError, parseAnswer, refusal, tooLate } from './client-errors.ts';
import { type Ask, askSocket } from './http-socket.ts';

/** Work says now and then that it goes on. */
const SILENCE_MS = 30_000;
/** A home is counted for twenty seconds at most. */
const SIZE_MS = 60_000;

/** `signal` gives work up: what it was at is left whole. `onPhase` hears what it is at. */
export type Following = { signal: AbortSignal; onPhase?: (phase: string) => void };

export type HomesClient = {
  list: () => Promise<HomeRow[]>;
  size: (home: string) => Promise<HomeRow & HomeSize>;
  archive: (home: string, ask: { to?: string; keep: boolean }, following: Following) => Promise<Archived>;
  restore: (home: string, ask: { from?: string; swap: boolean }, following: Following) => Promise<Restored>;
  purge: (home: string, confirm: string, following: Following) => Promise<Purged>;
  trash: () => Promise<TrashRow[]>;
  empty: (ask: { entries: string[]; confirm: string }, following: Following) => Promise<Emptied[]>;
};

type Line = { phase?: string; result?: unknown; error?: object };
type AskJson = <T>(request: Ask, withinMs?: number) => Promise<T>;

/** Homes and the trash of the controller at `socket`. Long work has no deadline, only a longest silence. */
export function makeHomesClient(socket: string, ask: AskJson): HomesClient {
  const get = <T>(path: string, withinMs?: number) => ask<T>({ method: 'GET', path }, withinMs);
  const at = (home: string, rest = '') => `/v1/homes/${encodeURIComponent(home)}${rest}`;

  async function work<T>(path: string, body: unknown, { signal, onPhase }: Following): Promise<T> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    let rest = '';
    let last: Line | undefined;
    const onBody = (chunk: string, status: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      rest += chunk;
      if (status !== 200) return;
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.map((text) => parseAnswer<Line>(text))) {
        if (line.phase !== undefined) onPhase?.(line.phase);
        if ('result' in line || line.error) last = line;
      }
    };
    try {
      const both = AbortSignal.any([signal, silence.signal]);
      const status = await askSocket(socket, { method: 'POST', path, body }, { signal: both, onBody });
      if (status !== 200) throw refusal(rest, status);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (silence.signal.aborted) throw tooLate(socket, SILENCE_MS);
      throw connectError(cause, socket);
    } finally {
      clearTimeout(timer);
    }
    if (last && 'result' in last) return last.result as T;
    throw last?.error ? refusal(JSON.stringify(last.error), 200) : (brokenOff(socket) as Error);
  }

  return {
    list: () => get('/v1/homes'),
    size: (home) => get(at(home), SIZE_MS),
    archive: (home, body, following) => work(at(home, '/archive'), body, following),
    restore: (home, body, following) => work(at(home, '/restore'), body, following),
    purge: (home, confirm, following) => work(at(home, '/purge'), { confirm }, following),
    trash: () => get('/v1/trash'),
    empty: (body, following) => work('/v1/trash/empty', body, following),
  };
}

const brokenOff = (socket: string): WorkdockError => connectError({ code: 'ECONNRESET' }, socket);
