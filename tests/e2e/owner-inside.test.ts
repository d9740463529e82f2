import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';

test('inside, the user is the owner: account, home, groups, environment', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada-ws', ['user: {groups: [2001]}', 'resources: {cpu: 1500m}'], 'ada'));
  await lab.up();
  await lab.phase('ada-ws', 'Running');
  const sh = (script: string) => lab.sh('ada-ws', script);
  expect(await sh('whoami; id -un; id -gn; echo ~; pwd; hostname')).toBe(
    'ada\nada\nada\n/home/user\n/home/user\nada-ws',
  );
  expect(await sh('echo $HOME $USER $LOGNAME; test -x $SHELL && grep ^ada: /etc/passwd | cut -d: -f6,7')).toMatch(
    /^\/home\/user ada ada\n\/home\/user:\/bin\/(ba)?sh$/,
  );
  expect(await sh('for v in OMP OPENBLAS MKL; do eval echo \\$${v}_NUM_THREADS; done')).toBe('2\n2\n2');
  expect(await sh('touch shared && chgrp 2001 shared && stat -c %g shared')).toBe('2001');
  expect(await sh('id -G')).toMatch(/\b2001\b/);
  expect(await sh('grep -E "^(CapEff|NoNewPrivs)" /proc/self/status')).toMatch(/CapEff:\s+0+\nNoNewPrivs:\s+1/);
  await expect(sh('echo x > /etc/owned')).rejects.toThrow();
});

test('the sudo profile lets its owner be root inside, and says so; the other does not', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['security: {profile: sudo}']));
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  expect(await lab.sh('ada', 'sudo -n id -u; sudo -n chown root:root /tmp; id -un')).toBe('0\nada');
  await expect(lab.sh('bea', 'sudo -n id -u')).rejects.toThrow();
  expect((await lab.inspect('ada')).HostConfig.Privileged).toBe(false);
  expect((await lab.cli('describe', 'ada')).stdout).toMatch(/sudo/);
});

const images = execFileSync('docker', ['images', '-q', 'workdock-workspace:latest'], { encoding: 'utf8' });

test.skipIf(images === '')('the image of the users has git and Python, and both find their home writable', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['image: workdock-workspace:latest', 'resources: {memory: 512Mi}']));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.sh('ada', 'git config --global user.name Ada');
  expect(await lab.sh('ada', 'git config --global user.name; stat -c %U ~/.gitconfig')).toBe('Ada\nada');
  expect(
    await lab.sh('ada', 'python3 -c "import numpy, os; print(os.path.expanduser(chr(126)), numpy.arange(4).sum())"'),
  ).toBe('/home/user 6');
});
