import { describe, expect, test } from 'vitest';
import { containerConfig } from '../../src/runtime/docker/create-config.ts';
import { keeperArgv } from '../../src/runtime/docker/keeper.ts';
import { isOurs, label } from '../../src/runtime/docker/labels.ts';
import { makeNames } from '../../src/runtime/docker/names.ts';
import { openFilesLimit } from '../../src/runtime/docker/rlimit.ts';
import { aFitted } from '../support/fitted.ts';

const given = { labels: { a: 'b' }, shell: '/bin/bash', secrets: {}, openFiles: 65_536 };

describe('the create request', () => {
  test('follows the command: keep replaces all, image leaves all, words replace entrypoint and command', () => {
    const of = (command: Parameters<typeof aFitted>[0]) => {
      const { Entrypoint, Cmd } = containerConfig(aFitted(command), given);
      return [Entrypoint, Cmd];
    };
    expect(of({ command: { kind: 'Keep' } })).toEqual([['/bin/sh'], keeperArgv.slice(1)]);
    expect(of({ command: { kind: 'Image' } })).toEqual([undefined, undefined]);
    expect(of({ command: { kind: 'Argv', argv: ['jupyter', 'lab'] } })).toEqual([['jupyter'], ['lab']]);
  });

  test('joins the workspace network at its own address, or none', () => {
    expect(containerConfig(aFitted(), given)).toMatchObject({
      HostConfig: { NetworkMode: 'ws-net' },
      NetworkingConfig: { EndpointsConfig: { 'ws-net': { IPAMConfig: { IPv4Address: '10.99.0.2' } } } },
    });
    const none = containerConfig(aFitted({ network: { mode: 'none', allow: [] } }), given);
    expect([none.HostConfig?.NetworkMode, none.NetworkingConfig]).toEqual(['none', undefined]);
  });

  test('uses mounts and never binds, privately propagated', () => {
    const mounts = [{ source: '/srv/shared', target: '/data', readOnly: true }];
    const { HostConfig } = containerConfig(aFitted({ mounts }), given);
    expect(HostConfig?.Binds).toBeUndefined();
    expect(HostConfig?.Mounts).toEqual([
      { Type: 'bind', Source: '/data/users/ada', Target: '/home/user', BindOptions: { Propagation: 'rprivate' } },
      {
        Type: 'bind',
        Source: '/srv/shared',
        Target: '/data',
        ReadOnly: true,
        BindOptions: { Propagation: 'rprivate' },
      },
    ]);
  });

  test("a value of the spec wins over the built-in one, and a secret over the spec's", () => {
    const { Env } = containerConfig(aFitted({ env: { SHELL: '/bin/zsh', A: 'spec', B: 'spec' } }), {
      ...given,
      secrets: { B: 'secret' },
    });
    expect(Env).toEqual(
      expect.arrayContaining(['SHELL=/bin/zsh', 'A=spec', 'B=secret', 'USER=ada', 'OMP_NUM_THREADS=1']),
    );
  });

  test('memory and swap are one limit; no privilege, port or restart of the engine', () => {
    const { HostConfig, ExposedPorts } = containerConfig(aFitted(), given);
    expect(HostConfig).toMatchObject({
      Memory: 256 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      CapDrop: ['ALL'],
      CapAdd: [],
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'no' },
    });
    expect([HostConfig?.PortBindings, ExposedPorts]).toEqual([undefined, undefined]);
  });
});

test("ours is what carries our instance and a nonce that is not its image's", () => {
  const own = { [label.instance]: 'me', [label.name]: 'ada', [label.nonce]: 'n1' };
  expect(isOurs('me', own, {})).toBe(true);
  expect(isOurs('me', own, { ...own, [label.nonce]: 'n0' })).toBe(true);
  expect(isOurs('me', own, own)).toBe(false);
  expect(isOurs('other', own, {})).toBe(false);
  expect(isOurs('me', { [label.instance]: 'me', [label.name]: 'ada' }, {})).toBe(false);
  expect(isOurs('me', own, null), 'an image that is gone cannot clear it').toBe(false);
});

test('names tell the part a container has, and nothing near them does', () => {
  const names = makeNames('ws-');
  const role = (name: string) => names.role('ada', name);
  expect(['ws-ada', 'ws-ada.old.12', 'ws-ada.old.', 'ws-ada2', 'ws-adaXold.1', 'xws-ada'].map(role)).toEqual([
    'current',
    'aside',
    'other',
    'other',
    'other',
    'other',
  ]);
  expect(new RegExp(names.filter('ada')).test('/ws-ada.old.3')).toBe(true);
  expect(new RegExp(makeNames('a.b-').filter('ada')).test('/axb-ada')).toBe(false);
});

test('the open files limit is what this host can give', () => {
  const limit = openFilesLimit('/proc');
  expect(limit).toBeGreaterThan(0);
  expect(limit).toBeLessThanOrEqual(65_536);
  expect(openFilesLimit('/nonexistent')).toBe(65_536);
});
