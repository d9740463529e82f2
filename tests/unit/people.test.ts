import { expect, test } from 'vitest';
import { parseCsv } from '../../src/commands/csv.ts';
import { readPeople } from '../../src/commands/people.ts';

const people = (text: string, template?: string) => {
  const read = readPeople(text, template);
  if ('error' in read) return read.error;
  return read.people.map((person) => (person.ok ? person.spec : `${person.line}: ${person.message}`));
};
const names = (text: string) => {
  const read = people(text);
  return typeof read === 'string'
    ? read
    : read.map((each) => (typeof each === 'string' ? each : `${each.name}/${each.owner}`));
};

test('RFC 4180: quotes, doubled quotes, line ends in quotes, CRLF, a last line without an end', () => {
  const { rows } = parseCsv('name,note\r\n"Ada ""A"" L","a,b\r\nc"\r\n\r\nBob,"x"');
  expect(rows).toEqual([
    { line: 1, fields: ['name', 'note'] },
    { line: 2, fields: ['Ada "A" L', 'a,b\r\nc'] },
    { line: 5, fields: ['Bob', 'x'] },
  ]);
});

test('a byte order mark and semicolons, as spreadsheets write them; also tabs', () => {
  expect(names('\ufeffname;email\r\nAda Lovelace;ada@x.ch\r\n')).toEqual(['ada-lovelace/ada']);
  expect(names('name\temail\nAda Lovelace\tada@x.ch\n')).toEqual(['ada-lovelace/ada']);
  expect(names('"name;with";email\nx,y;ada@x.ch\n')).toEqual(['ada/ada']);
});

test('a quote that never ends is told with its line', () => {
  expect(people('name\nbob\n"ada\nx\n')).toBe('line 3: a quote that never ends');
});

test.each([
  ['owner\nada', 'ada/ada'],
  ['email\nada.lovelace+lab@uni.example', 'ada-lovelace/ada-lovelace'],
  ['name\nJosé Álvarez', 'jose-alvarez/jose-alvarez'],
  ['name\nZoë Ørsted Łukasz', 'zoe-orsted-lukasz/zoe-orsted-lukasz'],
  ['name\nGroß', 'gross/gross'],
  ['name,owner\nada-gpu,ada', 'ada-gpu/ada'],
  ['E-Mail\nada@x', 'ada/ada'],
  ['name\n李', '2: no name can be made of "李"'],
  [`name\n${'x'.repeat(40)}`, `${'x'.repeat(32)}/${'x'.repeat(32)}`],
])('%j makes %s', (text, expected) => {
  expect(names(text)).toEqual([expected]);
});

test('two rows of one name: the second is told with the line of the first', () => {
  expect(names('name\nBob\n\nbob\n')).toEqual(['bob/bob', '4: the name bob is that of line 2 already']);
});

test('resources, labels and template come along', () => {
  const text = 'owner,cpu,memory,lab,labels.Room,template\nada,2,8Gi,Neuro Lab,B/12,\nbob,,,,,gpu\n';
  expect(people(text, 'neuro')).toEqual([
    {
      name: 'ada',
      owner: 'ada',
      cpu: '2',
      memory: '8Gi',
      template: 'neuro',
      labels: { lab: 'Neuro-Lab', Room: 'B-12' },
    },
    { name: 'bob', owner: 'bob', cpu: undefined, memory: undefined, template: 'gpu', labels: {} },
  ]);
});

test('a column that nobody reads is told, with the one that was meant; without a name there is no list', () => {
  expect(readPeople('name,memmory\nada,1Gi\n', undefined)).toMatchObject({
    notes: ['column "memmory" is not used; did you mean memory?'],
  });
  expect(people('first,last\nAda,Lovelace\n')).toMatch(/must name the columns/);
  expect(people('')).toMatch(/must name the columns/);
  expect(names('name\nada,x\n')).toEqual(['2: more fields than the first line has']);
});
