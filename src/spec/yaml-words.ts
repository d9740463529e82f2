import { didYouMean } from '../lib/suggest.ts';

type Said = { message: string; suggestion?: string };
type Fault = { code: string; message: string };

const misplaced: Said = {
  message: 'the line after this value is indented too far',
  suggestion: 'line it up with its neighbours',
};
const secondColon: Said = {
  message: 'a second `:` on this line',
  suggestion: didYouMean('to quote the value'),
};

/** By a part of the library's message (yaml 2.9.1), where its code alone says too little. */
const known: [part: string, said: Said][] = [
  ['Flow map', { message: 'a { before this line is not closed', suggestion: 'write the missing }' }],
  ['Flow sequence', { message: 'a [ before this line is not closed', suggestion: 'write the missing ]' }],
  ['Missing closing', { message: 'a quote is not closed', suggestion: 'write it once more at the end of the value' }],
  [
    'must start at the same column',
    { message: 'this line does not begin below the fields it belongs to', suggestion: 'line it up with them' },
  ],
  ['followed by map values', { message: 'this line has no colon', suggestion: 'write field: value' }],
  ['cannot start with', { message: 'a value cannot begin with this sign', suggestion: 'put the value in quotes' }],
  [
    'at node end',
    {
      message: 'this stands after the end of a value',
      suggestion: 'quote all of the value, or move it to another line',
    },
  ],
];

/** Our words for what the library complains about, for a person who seldom writes YAML. `line` starts at the fault. */
export function say({ code, message }: Fault, line: string): Said {
  if (code === 'TAB_AS_INDENT') return { message: 'a tab indents this line', suggestion: 'indent with spaces' };
  if (code === 'RESOURCE_EXHAUSTION') return { message: 'this is nested too deeply' };
  // Without a second colon, it is the next line that was taken for the rest of this value.
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return /:(?:\s|$)/.test(line) ? secondColon : misplaced;
  if (code === 'MULTILINE_IMPLICIT_KEY') {
    const suggestion = /^[A-Za-z]+:\S/.test(line) ? 'put a space after the colon' : 'write field: value';
    return { message: 'this line is not a field and its value', suggestion };
  }
  const said = known.find(([part]) => message.includes(part))?.[1];
  return said ?? { message: `YAML: ${message.split('\n')[0]!.slice(0, 160)}` };
}
