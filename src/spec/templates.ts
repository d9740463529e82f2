import { didYouMean, nearest } from '../lib/suggest.ts';
import type { Problem } from '../model/problem.ts';
import { type CheckedTemplate, type CheckedWorkspace, type Entry, placeOf, problemAt } from './document.ts';
import { templateProblems } from './resolve.ts';
import type { Site } from './rules/rule.ts';

export type Found = { ok: true; template: CheckedTemplate | undefined } | { ok: false; problem: Problem };

/** `find` gives a workspace its template, or the problem at its `template` line. `problems` are the templates' own. */
export type Templates = { find: (user: CheckedWorkspace) => Found; problems: Problem[] };

/** The templates of all files by name. One that is wrong, or there twice, is no template for anyone. */
export function collectTemplates(entries: Entry[], site: Site): Templates {
  const byName = Map.groupBy(entries, ({ document }) => document.name ?? '');
  byName.delete('');
  const own = new Map(
    entries.map(({ document }) => [document, isTemplate(document) ? templateProblems(document, site) : []]),
  );

  const twice = [...byName].flatMap(([name, same]) =>
    same.flatMap((entry) => {
      const other = same.find((each) => each !== entry);
      const message = `template ${name} is also in ${other ? placeOf(other) : ''}`;
      return other && entry.document.ok ? [problemAt(entry.document, 'metadata.name', { message })] : [];
    }),
  );

  const find = (user: CheckedWorkspace): Found => {
    const name = user.body.spec.template;
    if (name === undefined) return { ok: true, template: undefined };
    const wrong = (message: string, suggestion?: string): Found => ({
      ok: false,
      problem: problemAt(user, 'spec.template', { message, ...(suggestion === undefined ? {} : { suggestion }) }),
    });
    const [entry, other] = byName.get(name) ?? [];
    if (!entry) {
      const close = nearest(name, byName.keys());
      return wrong(`there is no template ${name}`, close === undefined ? undefined : didYouMean(close));
    }
    const { document, file } = entry;
    if (other) return wrong(`template ${name} is there twice: ${placeOf(entry)} and ${placeOf(other)}`);
    const [first] = document.ok ? (own.get(document) ?? []) : document.problems;
    if (first || !isTemplate(document)) {
      return wrong(`template ${name} is not valid: ${file.path}:${first?.line ?? document.line}`);
    }
    return { ok: true, template: document };
  };
  return { find, problems: [...own.values()].flat().concat(twice) };
}

const isTemplate = (document: Entry['document']): document is CheckedTemplate =>
  document.ok && document.kind === 'WorkspaceTemplate';
