import { createHash } from 'node:crypto';
import type { CatalogState } from './catalog-state.ts';
import { makeSemaphore, withDeadline } from './lib/async.ts';
import { WorkdockError } from './lib/errors.ts';
import { sameJson } from './lib/json.ts';
import { plain } from './lib/plain-text.ts';
import { isName } from './model/name.ts';
import type { Problem } from './model/problem.ts';
import type { PutSpec, Service } from './model/service.ts';
import type { SpecFile } from './model/source.ts';
import type { EventLog, SpecFileStore } from './model/store.ts';
import type { Catalog } from './spec/catalog.ts';
import { problemAt, type SpecDocument, whole } from './spec/document.ts';
import type { Parser } from './spec/parse-pool.ts';
import { problemsText } from './spec/problem-text.ts';
import { specFileText } from './spec/written.ts';

/** The first look at the folders of specs takes the settle time and little more. */
const FIRST_SCAN_MS = 5_000;

type Deps = {
  catalog: Pick<CatalogState, 'get' | 'files' | 'firstScan' | 'trouble'>;
  files: SpecFileStore;
  parse: Parser['parse'];
  /** What these files would say together. */
  read: (files: SpecFile[]) => Promise<Catalog>;
  events: Pick<EventLog, 'emit'>;
  /** Asks for a look at the files. */
  poke: () => void;
  /** Why the data folder cannot be used now. */
  dataProblem: () => string | undefined;
  firstScanMs?: number;
};

const invalid = (name: string, problems: Problem[]): WorkdockError => {
  const message = `the spec of ${plain(name)} is not valid, nothing was written\n${problemsText(problems)}`;
  return new WorkdockError('SPEC_INVALID', message, { hint: 'mend it and ask again; docs/reference/spec.md' });
};

/**
 * Takes specs from programs. They are checked together with all files of the last scan, by the reading that the scan
 * gets, and become a file that the controller finds like any other. One at a time, so that two callers see each other.
 */
export function makePutSpec(deps: Deps): Service['putSpec'] {
  const { catalog, files, parse, read, poke, dataProblem, firstScanMs = FIRST_SCAN_MS } = deps;
  const oneAtATime = makeSemaphore(1);

  /** The one document that the text is, or every reason why it cannot be the spec of `name`. */
  async function checked(name: string, text: string): Promise<SpecDocument & { ok: true }> {
    const path = isName(name) ? files.pathOf(name) : 'PUT /v1/specs';
    const { documents, problems } = await parse(path, text);
    const [document] = documents;
    if (problems.length > 0 || !document?.ok) throw invalid(name, problems);
    if (document.kind !== 'Workspace') {
      throw invalid(name, [problemAt(document, 'kind', { message: 'must be a Workspace: templates stand in files' })]);
    }
    if (document.name !== name) {
      const message = `is ${document.name}, but the spec of ${plain(name)} was asked for`;
      throw invalid(name, [problemAt(document, 'metadata.name', { message })]);
    }
    const others = catalog.files().filter((file) => file.path !== path);
    const declaration = (await read([...others, { path, sha256: sha256Of(text), text }])).declarations.get(name);
    if (declaration?.kind !== 'valid') throw invalid(name, declaration?.problems ?? []);
    return document;
  }

  async function put(name: string, given: unknown, ifAbsent: boolean): Promise<PutSpec> {
    const missing = dataProblem();
    if (missing !== undefined) {
      const hint = 'mount its disk; nothing can be kept until then';
      throw new WorkdockError('DATA_FOLDER_MISSING', missing, { hint });
    }
    await withDeadline(
      firstScanMs,
      () => catalog.firstScan,
      () => {
        const why = catalog.trouble()?.message ?? 'they have not come to rest';
        const message = `nobody knows yet whether ${name} is declared, as the folders of specs are not read: ${why}`;
        return new WorkdockError('REFUSED', message, { hint: 'mend that, and ask again' });
      },
    );
    if (!isName(name)) await checked(name, textOf(name, given).text); // says what is wrong with it
    const path = files.pathOf(name);
    const declared = catalog.get(name);
    if (declared && declared.source.path !== path) {
      const { path: elsewhere, sha256 } = declared.source;
      return { name, outcome: 'declaredElsewhere', source: { path: elsewhere, sha256 } };
    }
    const answer = (outcome: PutSpec['outcome'], text: string): PutSpec => {
      poke();
      return { name, outcome, source: { path, sha256: sha256Of(text) } };
    };
    const before = await files.read(name);
    if (before !== undefined && ifAbsent) return answer('unchanged', before);
    const wanted = textOf(name, given);
    const document = await checked(name, wanted.text);
    if (!sameJson(document.body, wanted.document)) {
      const hint = 'a bug of workdock: please report it; a file in a folder of specs does the same';
      throw new WorkdockError('INTERNAL', `the spec of ${name} would be read as another one`, { hint });
    }
    if (before !== undefined && sameJson(await bodyOf(path, before), wanted.document))
      return answer('unchanged', before);
    await files.write(name, wanted.text);
    const outcome = before === undefined ? 'created' : 'updated';
    deps.events.emit({ name, type: 'Normal', reason: 'SpecWritten', message: `${outcome} by a program: ${path}` });
    return answer(outcome, wanted.text);
  }

  function textOf(name: string, given: unknown) {
    const wanted = specFileText(name, given);
    if (wanted === null) throw invalid(name, [whole('PUT /v1/specs', 'the spec is nested too deep')]);
    return wanted;
  }

  /** What the file says that is there; undefined when it is not the one valid document that we write. */
  async function bodyOf(path: string, text: string): Promise<unknown> {
    const { documents } = await parse(path, text);
    const [document] = documents;
    return documents.length === 1 && document?.ok ? document.body : undefined;
  }

  return (name, given, { ifAbsent }) => oneAtATime(() => put(name, given, ifAbsent));
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
