import type { Readable } from 'node:stream';
import type { Lab } from './lab.ts';

type EngineEvent = { Type: string; Action: string; Actor: { ID: string; Attributes: Record<string, string> } };

/**
 * Everything the engine is asked to do to a lab's containers and network from now on, as `action name`. Counts what
 * was done, whoever asked.
 */
export async function watchActions(lab: Lab) {
  const seen: string[] = [];
  const stream = (await lab.docker.getEvents()) as Readable;
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('error', () => undefined); // ends with the test
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter(Boolean)) {
      const { Type, Action, Actor } = JSON.parse(line) as EngineEvent;
      const { name = '' } = Actor.Attributes;
      if (['container', 'network'].includes(Type) && name.startsWith(lab.prefix)) {
        seen.push(`${Action} ${name.slice(lab.prefix.length)}`);
      }
    }
  });
  return {
    seen: () => [...seen],
    count: (action: string) => seen.filter((each) => each === action).length,
    close: () => void stream.destroy(),
  };
}
