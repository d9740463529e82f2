import { plain } from './plain-text.ts';

type Entry = { time?: string; level?: number; msg: string; hint?: string };

const words: Record<number, string> = { 40: 'warning:', 50: 'error:', 60: 'error:' };

/**
 * A line of the log for people: `2026-11-24 11:12:36 warning: a pass failed (look)  name=ada`. What is no line of ours
 * stays as it is.
 */
export function logLine(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return plain(line);
  const { time = '', level = 30, msg, hint, ...facts } = entry;
  const when = time.slice(0, 19).replace('T', ' ');
  const said = [when, words[level] ?? '', msg, hint ? `(${hint})` : ''].filter((part) => part !== '').join(' ');
  return plain([said, ...Object.entries(facts).map(([key, value]) => `${key}=${valueText(value)}`)].join('  '));
}

function parse(line: string): Entry | undefined {
  try {
    const value = JSON.parse(line) as Partial<Entry> | null;
    return typeof value?.msg === 'string' ? (value as Entry) : undefined;
  } catch {
    return undefined;
  }
}

/** Of an error its text: the stack is for the log that programs read. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  const { message } = (value ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : JSON.stringify(value);
}
