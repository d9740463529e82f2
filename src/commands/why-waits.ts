import { shortSpan } from '../lib/age.ts';
import { type ErrorCode, errorCodes } from '../lib/errors.ts';
import { plain } from '../lib/plain-text.ts';
import type { Description } from '../model/service.ts';
import { causeLines } from './because-text.ts';

export function inWords(at: string, nowMs: number): string {
  const seconds = (Date.parse(at) - nowMs) / 1000;
  return seconds <= 0 ? 'now' : `in ${shortSpan(seconds)}`;
}

/** The next wake-up, of whatever kind. */
export function nextLook({ status, loop }: Description, nowMs: number): string[] {
  if (loop?.inFlight) return ['now: a pass over it is on its way'];
  if (loop?.queued) return ['now: it is next in the queue'];
  const at = loop?.nextLookAt ?? status.last.nextLookAt;
  return at === undefined ? [] : [inWords(at, nowMs)];
}

/** What has to come before anything more is done; empty when nothing is left to do. */
export function waits({ status, loop }: Description, nowMs: number): string[] {
  const { waitsFor, error, because, hold } = status.last;
  if (error) return [...(waitsFor === undefined ? [] : [waitsFor]), triesText(error.code, loop, nowMs)];
  if (waitsFor !== undefined) return [waitsFor];
  return hold === undefined ? [] : [`${hold}: ${because}`];
}

function triesText(code: string, loop: Description['loop'], nowMs: number): string {
  const policy = Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].retry : 'backoff';
  if (policy === 'never') return 'a change of its spec, or a person: it is not tried again by itself';
  const when = loop?.nextLookAt === undefined ? '' : ` ${inWords(loop.nextLookAt, nowMs)}`;
  if (policy === 'wait') return `${code}, until that is mended: looked at again${when}`;
  if (loop?.nextLookAt === undefined) return 'the next try, after a pause that grows';
  const failed = loop.failures === 1 ? '1 try' : `${loop.failures} tries`;
  return `backoff until ${loop.nextLookAt}, as ${failed} failed: tried again${when}`;
}

/** `led`: what led to the last of it; what woke a pass that is not the deciding one is among it. */
export type Did = { pass: string | undefined; lines: string[]; led: string[] };

/** What the pass that decided this did, and what each step came to; the last one that did anything, when it did not. */
export function didLines({ status, events }: Description): Did {
  const { pass } = status.last;
  const own = events.filter((event) => event.pass !== undefined && event.pass === pass);
  const last = events.findLast((event) => event.pass !== undefined)?.pass;
  const of = own.length > 0 ? own : events.filter((event) => event.pass !== undefined && event.pass === last);
  const lines = of.map(({ at, type, reason, message, count }) => {
    const times = count > 1 ? ` (${count} times)` : '';
    return `${at}  ${type === 'Warning' ? '! ' : ''}${reason}: ${message}${times}`;
  });
  const done = of.at(-1);
  const woken = own.length === 0 && done?.trigger !== undefined ? [`woken by ${plain(done.trigger)}`] : [];
  const led = done ? [...causeLines(done), ...woken] : [];
  return { pass: own.length > 0 ? pass : last, lines, led };
}
