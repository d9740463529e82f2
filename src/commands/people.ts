import { didYouMean, nearest } from '../lib/suggest.ts';
import { nameMeant } from '../spec/meant.ts';
import { type CsvRow, parseCsv } from './csv.ts';
import type { SpecOutline } from './spec-text.ts';

/** A person of the list: a spec to write, or why there is none. */
export type Person = { line: number } & ({ ok: true; spec: SpecOutline } | { ok: false; message: string });

/** `notes` are about the file as such: columns that nobody reads. */
export type People = { people: Person[]; notes: string[] };

const columns = ['name', 'owner', 'email', 'lab', 'cpu', 'memory', 'template'];

/**
 * A list of people to specs. The owner is the column `owner`, else the e-mail before its @, else the name; the
 * workspace is named after the column `name`, else after its owner. All are folded into the grammar of names.
 */
export function readPeople(text: string, template: string | undefined): People | { error: string } {
  const { rows, unclosed } = parseCsv(text);
  if (unclosed !== undefined) return { error: `line ${unclosed}: a quote that never ends` };
  const [header, ...records] = rows;
  const titles = (header?.fields ?? []).map((title) => title.replace(/^labels\.(.*)$/i, 'labels.$1'));
  const known = titles.map((title) =>
    title.startsWith('labels.') ? title : title.toLowerCase().replace(/[^a-z]/g, ''),
  );
  if (!known.some((title) => ['name', 'owner', 'email'].includes(title))) {
    return { error: 'the first line must name the columns, among them name, owner or email' };
  }
  const notes = known.flatMap((title) =>
    columns.includes(title) || title.startsWith('labels.') ? [] : [ignored(title)],
  );
  const seen = new Map<string, number>();
  const people = records.map((row): Person => {
    const person = toPerson(row, known, template);
    if (!person.ok) return person;
    const other = seen.get(person.spec.name);
    if (other === undefined) seen.set(person.spec.name, row.line);
    else return { line: row.line, ok: false, message: `the name ${person.spec.name} is that of line ${other} already` };
    return person;
  });
  return { people, notes };
}

function toPerson({ line, fields }: CsvRow, titles: string[], template: string | undefined): Person {
  const cells = new Map(titles.map((title, index) => [title, fields[index] ?? '']));
  const cell = (title: string) => cells.get(title) || undefined;
  const who = cell('owner') ?? cell('email')?.replace(/[@+].*$/, '') ?? cell('name');
  const owner = who === undefined ? undefined : nameMeant(who);
  const name = cell('name') === undefined ? owner : nameMeant(cell('name')!);
  if (owner === undefined || name === undefined) {
    return { line, ok: false, message: `no name can be made of ${JSON.stringify(cell('name') ?? who ?? '')}` };
  }
  if (fields.length > titles.length) return { line, ok: false, message: 'more fields than the first line has' };
  const lab = cell('lab');
  const labels = [...cells].filter(([title, value]) => title.startsWith('labels.') && value !== '');
  return {
    line,
    ok: true,
    spec: {
      name,
      owner,
      template: cell('template') ?? template,
      cpu: cell('cpu'),
      memory: cell('memory'),
      labels: {
        ...(lab === undefined ? {} : { lab: labelValue(lab) }),
        ...Object.fromEntries(labels.map(([title, value]) => [title.slice('labels.'.length), labelValue(value)])),
      },
    },
  };
}

/** A label takes letters, digits, dots, dashes and underscores: `Neuro Lab` becomes `Neuro-Lab`. */
const labelValue = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, '');

function ignored(title: string): string {
  const close = nearest(title, columns);
  return `column ${JSON.stringify(title)} is not used${close === undefined ? '' : `; ${didYouMean(close)}`}`;
}
