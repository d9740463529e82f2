import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lyingDisk } from '../support/lying-disk.ts';
import { type Act, replay } from '../support/saves.ts';
import { type Case, type Stage, sourceCases } from '../support/source-cases.ts';
import { until } from '../support/until.ts';
import { type Says, saying } from '../support/watch-specs.ts';

const [ada, bob] = [saying('ada', 100), saying('bob', 100)];
const both = { 'specs/ada.yaml': ada, 'specs/bob.yaml': bob };
const two: Says = { ada: 100, bob: 100 };
const point = (link: string, to: string): void => {
  symlinkSync(to, `${link}.new`);
  renameSync(`${link}.new`, link);
};
/** The folder turns out to be another thing for a while; then it is as before, and an edit is heard. */
const lied = (tells: RegExp, lie: (stage: Stage) => Promise<() => unknown> | (() => unknown)): Case => ({
  start: both,
  act: async (stage) => {
    const mend = await lie(stage);
    await stage.tells(tells);
    await mend();
    await stage.well();
    stage.write('specs/ada.yaml', saying('ada', 200));
  },
  generations: [two, { ada: 200, bob: 100 }],
  tells,
});
const away = ({ specs, above }: Stage) => renameSync(specs, join(above, 'away'));
const back = ({ specs, above }: Stage) => {
  rmSync(specs, { recursive: true, force: true });
  renameSync(join(above, 'away'), specs);
};
const mount = (specs: string): (() => void) => {
  execFileSync('mount', ['-t', 'tmpfs', 'test', specs]);
  return () => execFileSync('umount', ['-l', specs]);
};
/** A disk is mounted at the folder before the source looks first, with Ada and Bob on it. */
const onDisk = (
  act: (stage: Stage, umount: () => void) => Promise<void>,
  more: Pick<Case, 'generations' | 'tells'>,
) => {
  return {
    start: {},
    before: ({ specs, write, undo }) => {
      mount(specs);
      undo(() => execFileSync('sh', ['-c', `while umount -l ${specs} 2>/dev/null; do :; done`]));
      for (const [path, text] of Object.entries(both)) write(path, text);
    },
    act: (stage: Stage) => act(stage, () => execFileSync('umount', ['-l', stage.specs])),
    ...more,
  } satisfies Case;
};

const folders: Record<string, Case> = {
  'a folder moved away, and back': lied(/unreadable Unusable .* does not exist/, (stage) => {
    away(stage);
    return () => back(stage);
  }),
  'a folder that is a file for a while (ENOTDIR)': lied(/is not a folder/, (stage) => {
    away(stage);
    stage.write('specs', '');
    return () => back(stage);
  }),
  'a folder that is a loop of links for a while (ELOOP)': lied(/is a loop of symlinks/, (stage) => {
    away(stage);
    symlinkSync(stage.specs, stage.specs);
    return () => back(stage);
  }),
  'an empty folder in its place': lied(/is empty and not the folder it was/, (stage) => {
    away(stage);
    mkdirSync(stage.specs);
    return () => back(stage);
  }),
  'an empty disk mounted over it': lied(/is empty and not the folder it was/, ({ specs, undo }) => {
    const umount = mount(specs);
    undo(() => execFileSync('sh', ['-c', `umount -l ${specs} 2>/dev/null || true`]));
    return umount;
  }),
  'its disk unmounted, and mounted again': onDisk(
    async ({ tells, well, write, specs }, umount) => {
      umount();
      await tells(/is empty and not the folder it was/);
      mount(specs);
      for (const [path, text] of Object.entries(both)) write(path, text);
      await well();
      write('specs/bob.yaml', saying('bob', 200));
    },
    { generations: [two, { ada: 100, bob: 200 }], tells: /is empty and not the folder it was/ },
  ),
  'made anew by hand, with the same files': {
    start: both,
    act: async ({ specs, write, roots }) => {
      const before = roots.length;
      rmSync(specs, { recursive: true });
      for (const [path, text] of Object.entries(both)) write(path, text);
      // It is another folder, and that is told although it says the same.
      await until(() => roots.length > before && roots.at(-1) !== roots[0], { deadlineMs: 15_000 });
    },
    generations: [two],
    tells: /^$|unreadable|settled/,
  },
  'replaced by another folder with less in it: missing there, and another root': {
    start: both,
    act: async (stage) => {
      stage.write('other/ada.yaml', ada);
      away(stage);
      renameSync(stage.at('other'), stage.specs);
      await stage.says({ ada: 100 });
      if (new Set(stage.roots).size !== 2) throw new Error(`not another root: ${stage.roots.join()}`);
    },
    generations: [two, { ada: 100 }],
    tells: /^$|unreadable/,
  },
  'emptied by hand: believed, and the root is the same': {
    start: both,
    act: async (stage) => {
      for (const path of Object.keys(both)) unlinkSync(stage.at(path));
      await stage.says({});
      if (new Set(stage.roots).size !== 1) throw new Error(`another root: ${stage.roots.join()}`);
    },
    generations: [two, {}],
  },
  'emptied and filled again within a second': {
    start: both,
    act: ({ specs }) => {
      const gone = ['ada', 'bob'].map((name): Act => ['drop', `${name}.yaml`]);
      const back = ['ada', 'bob'].map((name): Act => ['put', `${name}.yaml`, saying(name, 200)]);
      return replay([...gone, ['wait', 500], ...back], specs);
    },
    generations: [two, { ada: 200, bob: 200 }],
  },
  'swaps of ..data, as of a ConfigMap': {
    start: { 'specs/..1/ada.yaml': ada, 'specs/..1/bob.yaml': bob },
    before: ({ specs }) => {
      point(join(specs, '..data'), '..1');
      for (const name of ['ada.yaml', 'bob.yaml']) symlinkSync(`..data/${name}`, join(specs, name));
    },
    act: async ({ specs, write, says }) => {
      for (const version of [2, 3, 4]) {
        for (const name of ['ada', 'bob']) write(`specs/..${version}/${name}.yaml`, saying(name, version * 100));
        point(join(specs, '..data'), `..${version}`);
        rmSync(join(specs, `..${version - 1}`), { recursive: true });
        await says({ ada: version * 100, bob: version * 100 });
      }
    },
    generations: [two, { ada: 200, bob: 200 }, { ada: 300, bob: 300 }, { ada: 400, bob: 400 }],
  },
  'a key less in a ConfigMap, whose link goes after the swap': {
    start: { 'specs/..1/ada.yaml': ada, 'specs/..1/bob.yaml': bob, 'specs/..2/ada.yaml': saying('ada', 200) },
    before: ({ specs }) => {
      point(join(specs, '..data'), '..1');
      for (const name of ['ada.yaml', 'bob.yaml']) symlinkSync(`..data/${name}`, join(specs, name));
    },
    act: ({ specs }) => {
      point(join(specs, '..data'), '..2');
      return replay(
        [
          ['wait', 50],
          ['drop', 'bob.yaml'],
          ['drop', '..1/ada.yaml'],
          ['drop', '..1/bob.yaml'],
        ],
        specs,
      );
    },
    generations: [two, { ada: 200 }],
  },
  'a folder behind a link that is pointed at each revision, as of git-sync': {
    start: { 'revisions/1/specs/ada.yaml': ada, 'revisions/1/specs/bob.yaml': bob, 'revisions/2/specs/ada.yaml': ada },
    folders: ['git/current/specs'],
    before: ({ above, at }) => {
      rmSync(at('git/current'), { recursive: true });
      point(at('git/current'), join(above, 'revisions/1'));
    },
    act: ({ above, at }) => {
      point(at('git/current'), join(above, 'revisions/2'));
      rmSync(at('revisions/1'), { recursive: true });
    },
    generations: [two, { ada: 100 }],
  },
  'a link on the way that leads nowhere': {
    start: { 'r1/ada.yaml': ada, 'r2/ada.yaml': saying('ada', 200) },
    folders: ['git/current'],
    before: ({ at }) => {
      rmSync(at('git/current'), { recursive: true });
      point(at('git/current'), '../r1');
    },
    act: async ({ at, tells }) => {
      rmSync(at('r1'), { recursive: true });
      await tells(/does not exist/);
      point(at('git/current'), '../r2');
    },
    generations: [{ ada: 100 }, { ada: 200 }],
    tells: /does not exist/,
  },
};

/** A network disk, whose server gives errors for a while. */
const server = (error: string, tells: RegExp): Case => {
  return {
    start: {},
    folders: ['specs', 'more'],
    act: async (stage) => {
      const disk = await lyingDisk(stage.at('specs'), { 'ada.yaml': ada, 'bob.yaml': bob });
      stage.undo(disk.close);
      await stage.says(two);
      await disk.fails(error);
      await stage.tells(tells);
      // The other folder goes on, and nobody of this one is missing.
      stage.write('more/cy.yaml', saying('cy', 100));
      await stage.says({ ...two, cy: 100 });
      await disk.fails(null);
      await stage.well();
      await disk.files({ 'ada.yaml': saying('ada', 200), 'bob.yaml': bob });
    },
    generations: [{}, two, { ...two, cy: 100 }, { ada: 200, bob: 100, cy: 100 }],
    tells,
  };
};
const ofOneFile = (error: string, says: Says): Case => ({
  start: {},
  act: async (stage) => {
    const disk = await lyingDisk(stage.specs, { 'ada.yaml': ada, 'bob.yaml': bob });
    stage.undo(disk.close);
    await stage.says(two);
    await disk.fails(error, 'ada.yaml');
    await stage.tells(/unreadable Unusable .*ada.yaml/);
    await disk.fails(null);
    await stage.well();
  },
  generations: [{}, says],
  tells: /unreadable Unusable .*ada.yaml/,
});

const servers: Record<string, Case> = {
  'a stale handle (ESTALE)': server('ESTALE', /settled Unusable .*network file system that has gone/),
  'a disk with errors (EIO)': server('EIO', /settled Unusable .*disk that does not answer/),
  'a folder closed to the controller (EACCES)': server('EACCES', /settled Unusable .*may not be read/),
  'a server that has died (ENOTCONN)': server('ENOTCONN', /settled Unusable .*ENOTCONN/),
  'a stale handle of one file': ofOneFile('ESTALE', two),
};

sourceCases({ ...folders, ...servers });
