import { sizeText } from '../lib/bytes.ts';
import { plain } from '../lib/plain-text.ts';
import type { WrittenEntry, WrittenLayer } from '../model/runtime.ts';
import type { Loss } from '../model/service.ts';

/** On one line for people; `-o json` has all that is known. */
const MOST_NAMES = 8;
const MOST_PROCESSES = 5;

const entryText = ({ path, kind }: WrittenEntry) => (kind === 'removed' ? `${plain(path)} (removed)` : plain(path));

function several(all: string[], most: number, more: number): string {
  const hidden = Math.max(0, all.length - most) + more;
  return `${all.slice(0, most).join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

function layerText(layer: WrittenLayer | { unread: string }): string {
  if ('unread' in layer) return `what is in the container itself, which could not be looked at: ${plain(layer.unread)}`;
  if (layer.entries.length === 0) return 'nothing: all there is lies in the home or in mounts';
  const names = several(layer.entries.map(entryText), MOST_NAMES, layer.more);
  return `${sizeText(layer.bytes)} in the container itself: ${names}`;
}

/** What somebody at work would lose, a line for each kind. */
export function lossLines({ when, layer, processes }: Loss): string[] {
  const then = when === 'now' ? '' : ' at the next stop';
  return [
    ...(layer ? [`loses${then}  ${layerText(layer)}`] : []),
    ...(processes.length > 0 ? [`ends${then}  ${several(processes.map(plain), MOST_PROCESSES, 0)}`] : []),
  ];
}
