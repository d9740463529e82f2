import { plain } from '../lib/plain-text.ts';

/** A line of the controller's log for people: its JSON as time, level unless it is plain news, message and hint. */
export function logLine(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return plain(line);
  const { time, level, msg, hint } = entry;
  const word = level === 50 ? ['error:'] : level === 40 ? ['warning:'] : [];
  return plain([...(time === undefined ? [] : [time]), ...word, msg, ...(hint ? [`(${hint})`] : [])].join(' '));
}

type Entry = { time?: string; level?: number; msg: string; hint?: string };

function parse(line: string): Entry | undefined {
  try {
    const value = JSON.parse(line) as Partial<Entry> | null;
    return typeof value?.msg === 'string' ? (value as Entry) : undefined;
  } catch {
    return undefined;
  }
}
