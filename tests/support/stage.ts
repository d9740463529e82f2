import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { unitFile } from '../../src/model/places.ts';
import { checkout, type Ran, runProgram } from './setup-machine.ts';

const launcher = join(checkout, 'bin/workdock');

/** The root of a system that does not run, and the verbs of `service` on it. */
export function makeStage() {
  const root = mkdtempSync(join(tmpdir(), 'wd-stage-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const at = (path: string) => join(root, path);
  return {
    root,
    at,
    service: (verb: string, ...args: string[]): Promise<Ran> =>
      runProgram(launcher, ['service', verb, '--root', root, ...args], { cwd: root }),
    unit: (name = 'workdock') => readFileSync(at(unitFile(name)), 'utf8'),
    /** One setting of the unit; all its values. */
    setting: (key: string, name = 'workdock') =>
      [...readFileSync(at(unitFile(name)), 'utf8').matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(
        ([, value]) => value,
      ),
    write: (path: string, text: string) => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    },
    has: (path: string) => existsSync(at(path)),
    /** Every file and folder below the root. */
    all: () => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort(),
  };
}
