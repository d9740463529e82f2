import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { type Act, replay } from '../support/saves.ts';
import { type Case, type Stage, sourceCases } from '../support/source-cases.ts';
import { type Says, saying } from '../support/watch-specs.ts';

const [ada, bob, cy] = [saying('ada', 100), saying('bob', 100), saying('cy', 100)];
const files = { 'specs/ada.yaml': ada, 'specs/bob.yaml': bob };
const two: Says = { ada: 100, bob: 100 };
const thirty: Says = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`u${i}`, 200]));

/** What nobody may notice: files come to lie elsewhere, and say the same. */
const unnoticed = (act: (stage: Stage) => void, start: Record<string, string> = files, folders?: string[]): Case => ({
  start,
  ...(folders && { folders }),
  act: async (stage) => {
    act(stage);
    await stage.looked();
    // It has come to rest when the files are where they are now.
    stage.write(`${folders?.at(-1) ?? 'specs'}/zoe.yaml`, saying('zoe', 100));
  },
  generations: [two, { ...two, zoe: 100 }],
});
const moves: Record<string, Case> = {
  'a file renamed': unnoticed(({ at }) => renameSync(at('specs/ada.yaml'), at('specs/grace.yml'))),
  'a file moved into a folder': unnoticed(({ at }) => {
    mkdirSync(at('specs/team'));
    renameSync(at('specs/ada.yaml'), at('specs/team/ada.yaml'));
  }),
  'a folder renamed': unnoticed(({ at }) => renameSync(at('specs/lab'), at('specs/team')), {
    'specs/lab/ada.yaml': ada,
    'specs/lab/deep/bob.yaml': bob,
  }),
  'a file moved to another of the folders': unnoticed(
    ({ at }) => renameSync(at('specs/ada.yaml'), at('more/ada.yaml')),
    files,
    ['specs', 'more'],
  ),
  'a file copied to another of the folders, then removed': unnoticed(
    ({ at }) => {
      cpSync(at('specs/ada.yaml'), at('more/ada.yaml'));
      rmSync(at('specs/ada.yaml'));
    },
    files,
    ['specs', 'more'],
  ),
  'two files that swap their names': unnoticed(({ at }) => {
    renameSync(at('specs/ada.yaml'), at('specs/x'));
    renameSync(at('specs/bob.yaml'), at('specs/ada.yaml'));
    renameSync(at('specs/x'), at('specs/bob.yaml'));
  }),
  'two files made one of two documents': unnoticed(({ at, write }) => {
    write('specs/all.yaml', `${ada}---\n${bob}`);
    for (const name of ['ada', 'bob']) unlinkSync(at(`specs/${name}.yaml`));
  }),
  'one file of two documents made two': unnoticed(
    ({ at, write }) => {
      for (const [path, text] of Object.entries(files)) write(path, text);
      unlinkSync(at('specs/all.yaml'));
    },
    { 'specs/all.yaml': `${ada}---\n${bob}` },
  ),
  'documents in another order, with comments': unnoticed(
    ({ write }) => write('specs/all.yaml', `# the lab\n---\n${bob}---\n# ada\n${ada}...\n`),
    { 'specs/all.yaml': `${ada}---\n${bob}` },
  ),
  'files made links to where they were moved': unnoticed(({ at }) => {
    mkdirSync(at('specs/.store'));
    renameSync(at('specs/ada.yaml'), at('specs/.store/ada.yaml'));
    symlinkSync('.store/ada.yaml', at('specs/ada.yaml'));
  }),
};

const changes: Record<string, Case> = {
  'a name in two files is a conflict until one of them is gone': {
    start: files,
    act: async ({ write, says, at }) => {
      write('specs/copy of ada.yaml', saying('ada', 300));
      await says({ ada: 'conflict', bob: 100 });
      unlinkSync(at('specs/ada.yaml'));
    },
    generations: [two, { ada: 'conflict', bob: 100 }, { ada: 300, bob: 100 }],
  },
  'a name in two of the folders is a conflict': {
    start: files,
    folders: ['specs', 'more'],
    act: ({ write }) => write('more/ada.yaml', ada),
    generations: [two, { ada: 'conflict', bob: 100 }],
  },
  'one of three documents broken': {
    start: { 'specs/all.yaml': `${ada}---\n${bob}---\n${cy}` },
    act: async ({ write, says }) => {
      write('specs/all.yaml', `${ada}---\n${bob}  resources: {cpu: [}\n---\n${saying('cy', 200)}`);
      await says({ ada: 100, bob: 'invalid', cy: 200 });
      write('specs/all.yaml', `${ada}---\n${saying('bob', 200)}---\n${saying('cy', 200)}`);
    },
    generations: [
      { ada: 100, bob: 100, cy: 100 },
      { ada: 100, bob: 'invalid', cy: 200 },
      { ada: 100, bob: 200, cy: 200 },
    ],
  },
  'another name in a file': {
    start: files,
    act: ({ write }) => write('specs/ada.yaml', saying('eve', 100)),
    generations: [two, { bob: 100, eve: 100 }],
  },
  'a file removed, and a file that is new, are one change': {
    start: files,
    act: ({ at, write }) => {
      unlinkSync(at('specs/bob.yaml'));
      write('specs/cy.yaml', cy);
    },
    generations: [two, { ada: 100, cy: 100 }],
  },
  'all files of a lab copied one after the other are one change': {
    start: {},
    act: ({ specs }) => {
      const copied = Object.keys(thirty).map((name): Act[] => [
        ['put', `${name}.yaml`, saying(name, 200)],
        ['wait', 30],
      ]);
      return replay(copied.flat(), specs);
    },
    generations: [{}, thirty],
  },
};

/** Something that is no spec file comes to lie beside them: nobody is touched, and a name may be in it. */
const beside = (make: (stage: Stage) => void, where: RegExp | null): Case => ({
  start: files,
  act: async (stage) => {
    make(stage);
    stage.write('specs/cy.yaml', cy);
    await stage.says({ ...two, cy: 100 });
    const unnamed = stage.catalog.unnamed().join();
    if (where === null ? unnamed !== '' : !where.test(unnamed)) throw new Error(`of unknown name: ${unnamed}`);
  },
  generations: [two, { ...two, cy: 100 }],
});
const strangers: Record<string, Case> = {
  'a pipe': beside(({ at }) => void execFileSync('mkfifo', [at('specs/pipe.yaml')]), /specs\/pipe.yaml:1$/),
  'a link to nothing': beside(({ at }) => symlinkSync('gone.yaml', at('specs/link.yaml')), /link.yaml:1$/),
  'a link to a folder that is gone': beside(({ at }) => symlinkSync('gone', at('specs/team')), /specs\/team:1$/),
  'a link to itself': beside(({ at }) => symlinkSync('loop.yaml', at('specs/loop.yaml')), /loop.yaml:1$/),
  'a link that leads out': beside(({ at }) => symlinkSync('/etc/passwd', at('specs/out.yaml')), /out.yaml:1$/),
  'an empty file, as a full disk leaves it': beside(({ write }) => write('specs/full.yaml', ''), /full.yaml:1$/),
  'a file with marks of a conflict': beside(
    ({ write }) => write('specs/x.yaml', `<<<<<<< HEAD\n${ada}=======\n${bob}>>>>>>> other\n`.replaceAll('name: ', '')),
    /x.yaml:1$/,
  ),
  'a folder named like a spec': beside(({ at }) => mkdirSync(at('specs/folder.yaml')), null),
  'a README, backups and hidden files': beside(({ write }) => {
    for (const name of ['README.md', 'ada.yaml~', 'ada.yaml.bak', '.ada.yaml', '#ada.yaml#', 'ada.yaml.orig'])
      write(`specs/${name}`, ada);
  }, null),
};

sourceCases({ ...moves, ...changes, ...strangers });
