import { describe, expect, test } from 'vitest';
import { type Accounts, refuseReserved, withOwner } from '../../src/runtime/docker/accounts.ts';
import { firstFile, packFiles } from '../../src/runtime/docker/tar.ts';
import { aFitted } from '../support/fitted.ts';

const image: Accounts = {
  passwd: 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n',
  group: 'root:x:0:\nstaff:x:50:\n',
};
const owner = (over: Parameters<typeof aFitted>[0] = {}) => ({ ...aFitted(over), shell: '/bin/bash' });

describe('accounts with their owner', () => {
  test('gain one line each, and the same again changes nothing', () => {
    const once = withOwner(image, owner());
    expect(once).toEqual({
      passwd: `ada:*:20001:20001::/home/user:/bin/bash\n${image.passwd}`,
      group: `${image.group}ada:x:20001:\n`,
    });
    expect(withOwner(once, owner())).toEqual(once);
  });

  test('name further groups, and add the owner to known ones', () => {
    const { group } = withOwner(
      image,
      owner({ groups: [50, 2001], identity: { uid: 20001, gid: 20001, groups: [50] } }),
    );
    expect(group).toBe('root:x:0:\nstaff:x:50:ada\nada:x:20001:\ngrp2001:x:2001:ada\n');
  });

  test('come before whoever has the same uid, and replace what claims the name', () => {
    const { passwd } = withOwner(
      { ...image, passwd: 'jovyan:x:20001:100::/:/bin/sh\nada:x:7:7::/:/bin/sh\n' },
      owner(),
    );
    expect(passwd).toBe('ada:*:20001:20001::/home/user:/bin/bash\njovyan:x:20001:100::/:/bin/sh\n');
  });

  test('a group of that name with another number does not stop it', () => {
    const { group } = withOwner({ ...image, group: 'ada:x:7:\n' }, owner());
    expect(group).toBe('ada:x:7:\ngrp20001:x:20001:\n');
  });

  test('refuse an owner who would be taken for an account of the image', () => {
    expect(() => refuseReserved(image, owner({ owner: 'daemon' }))).toThrow(/account of the image/);
    expect(() => refuseReserved(image, owner({ owner: 'da' }))).not.toThrow();
    const same = owner({ owner: 'daemon', identity: { uid: 1, gid: 1, groups: [] } });
    expect(() => refuseReserved(image, same)).not.toThrow();
  });
});

describe('archives', () => {
  test('give back what was packed', () => {
    for (const size of [0, 1, 511, 512, 513, 5000]) {
      const content = Buffer.alloc(size, 'x');
      expect(firstFile(packFiles([{ name: 'passwd', content }]))).toEqual(content);
    }
  });

  test('that start with a symlink have no file', () => {
    const archive = packFiles([{ name: 'passwd', content: Buffer.alloc(0) }]);
    archive[156] = '2'.charCodeAt(0);
    expect(firstFile(archive)).toBeNull();
  });
});
