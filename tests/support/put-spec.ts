import { dirname } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeCatalogState } from '../../src/catalog-state.ts';
import type { SpecFile } from '../../src/model/source.ts';
import { makePutSpec } from '../../src/put-spec.ts';
import { type CatalogDeps, makeCatalog } from '../../src/spec/catalog.ts';
import { makeParser } from '../../src/spec/parse-pool.ts';
import { openSpecFiles } from '../../src/store/spec-files.ts';
import { temporaryFolder } from './scans.ts';
import { site, specFile } from './spec-texts.ts';

type Options = Partial<Pick<CatalogDeps, 'heldHomes'>> & {
  data?: string;
  scanned?: boolean;
  firstScanMs?: number;
};

/** The writer of specs over a data folder of its own, beside files of people. `scan` is what the next look finds. */
export async function specWriter(people: SpecFile[] = [], options: Options = {}) {
  const data = options.data ?? temporaryFolder();
  const files = await openSpecFiles(data);
  const parser = makeParser();
  onTestFinished(parser.close);
  const read = makeCatalog({
    ...{ parse: parser.parse, config: site(), knownSources: () => new Map() },
    yields: (path) => dirname(path) === files.folder,
    ...(options.heldHomes && { heldHomes: options.heldHomes }),
  });
  const catalog = makeCatalogState(read);
  let problem: string | undefined;
  let pokes = 0;
  const told: string[] = [];
  const put = makePutSpec({
    ...{ catalog, files, read, parse: parser.parse },
    events: { emit: ({ name, reason, message }) => void told.push(`${name} ${reason} ${message.split(':')[0]}`) },
    poke: () => {
      pokes += 1;
    },
    dataProblem: () => problem,
    ...(options.firstScanMs && { firstScanMs: options.firstScanMs }),
  });
  const scan = async (names: string[] = [], others = people) => {
    const own = await Promise.all(names.map(async (name) => specFile(files.pathOf(name), (await files.read(name))!)));
    return catalog.take({ kind: 'settled', files: [...others, ...own] });
  };
  if (options.scanned !== false) await scan();
  return {
    ...{ data, files, catalog, put, scan, told },
    pokes: () => pokes,
    lose: (message: string) => {
      problem = message;
    },
  };
}
