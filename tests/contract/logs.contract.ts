import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LogOptions } from '../../src/model/runtime.ts';
import { until } from '../support/until.ts';
import type { ContractWorld } from './runtime.contract.ts';

/** What a container's first process wrote, on every runtime. */
export function logsContract(label: string, make: () => Promise<ContractWorld>) {
  const open = async () => {
    const world = await make();
    onTestFinished(world.dispose, 60_000);
    const { runtime, speaker } = world;
    const wanted = speaker();
    await runtime.ensureHome(wanted);
    const id = await runtime.create(wanted, 1);
    await runtime.start(id, wanted);
    const leave = new AbortController();
    const logs = (options: LogOptions) => runtime.logs(id, options, leave.signal);
    const read = async (options: LogOptions) => {
      const { stdout, stderr } = await logs(options);
      const [out, err] = await Promise.all([text(stdout), text(stderr)]);
      return { out, err };
    };
    await until(async () => (await read({ follow: false })).out.includes('three'));
    return { ...world, id, leave, logs, read };
  };

  describe(`${label} logs`, () => {
    test('all of it, or the last lines, stdout and stderr apart', async () => {
      const { read } = await open();
      expect(await read({ follow: false })).toEqual({ out: 'one\ntwo\nthree\n', err: 'apart\n' });
      expect(await read({ follow: false, tail: 2 })).toEqual({ out: 'two\nthree\n', err: '' });
      expect(await read({ follow: false, tail: 0 })).toEqual({ out: '', err: '' });
    });

    test('who follows hears of the end, and may leave before', async () => {
      const { runtime, id, leave, logs } = await open();
      const leaves = await logs({ follow: true });
      const seen = Promise.all([text(leaves.stdout), text(leaves.stderr)]);
      leave.abort();
      await seen;
      const stays = await runtime.logs(id, { follow: true }, new AbortController().signal);
      const all = Promise.all([text(stays.stdout), text(stays.stderr)]);
      await runtime.stop(id, 1);
      expect(await all).toEqual(['one\ntwo\nthree\n', 'apart\n']);
    });

    test('of a container that stopped there still is all, and of one that is gone nothing', async () => {
      const { runtime, id, read } = await open();
      await runtime.stop(id, 1);
      expect(await read({ follow: true })).toEqual({ out: 'one\ntwo\nthree\n', err: 'apart\n' });
      await runtime.remove(id);
      await expect(read({ follow: false })).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
    });
  });
}
