import { Option } from 'commander';
import { yamlText } from '../lib/yaml-text.ts';
import type { Io } from './io.ts';

export type Format = 'table' | 'wide' | 'json' | 'yaml' | 'name' | 'text' | 'markdown';

/** `-o`, with the formats this verb has; the first is the default. */
export const outputOption = (...formats: [Format, ...Format[]]): Option =>
  new Option('-o, --output <format>', 'how to print').choices(formats).default(formats[0]);

/** Prints data and says true when the format is one for programs. */
export function printData(io: Io, format: Format, data: unknown): boolean {
  if (format === 'json') io.out(JSON.stringify(data, null, 2));
  else if (format === 'yaml') io.out(yamlText(data).trimEnd());
  else return false;
  return true;
}
