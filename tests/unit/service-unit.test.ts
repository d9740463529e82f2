import { expect, test } from 'vitest';
import { difference } from '../../src/commands/service-edited.ts';
import { isUntouched, type UnitFacts, unitText } from '../../src/commands/service-unit.ts';
import { configOf } from '../../src/spec/find-config.ts';

const facts: UnitFacts = {
  service: 'workdock',
  version: '1.2.3',
  launcher: '/opt/workdock/bin/workdock',
  config: '/etc/workdock/workdock.yaml',
  folders: ['/opt/workdock', '/var/lib/workdock/data', '/opt/workdock', '/srv/a b'],
  written: ['/var/lib/workdock/data'],
};
const lines = (more: Partial<UnitFacts> = {}) => unitText({ ...facts, ...more }).split('\n');
const settings = (more: Partial<UnitFacts> = {}) => lines(more).filter((line) => /^[A-Z[]/.test(line));

test('the unit, comments apart', () => {
  expect(settings().join('\n')).toMatchInlineSnapshot(`
    "[Unit]
    Description=workdock, keeps container workspaces as their YAML says
    Wants=docker.service network-online.target
    After=docker.service network-online.target
    RequiresMountsFor=/opt/workdock
    RequiresMountsFor=/var/lib/workdock/data
    RequiresMountsFor="/srv/a b"
    StartLimitIntervalSec=0
    [Service]
    Type=exec
    ExecStart=/opt/workdock/bin/workdock --config /etc/workdock/workdock.yaml up
    SyslogIdentifier=workdock
    Restart=on-failure
    RestartSec=5s
    RestartPreventExitStatus=2 3
    KillMode=mixed
    TimeoutStopSec=60s
    UMask=0022
    OOMScoreAdjust=-500
    NoNewPrivileges=yes
    ProtectSystem=full
    ProtectKernelTunables=yes
    ProtectKernelLogs=yes
    ProtectControlGroups=yes
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
    RestrictRealtime=yes
    LockPersonality=yes
    SystemCallArchitectures=native
    CapabilityBoundingSet=~CAP_SYS_BOOT CAP_SYS_TIME CAP_SYS_RAWIO CAP_SYSLOG CAP_MAC_ADMIN CAP_MAC_OVERRIDE
    [Install]
    WantedBy=multi-user.target"
  `);
});

test('a second service says which it is', () => {
  const unit = settings({ service: 'workdock-gpu' });
  expect(unit).toContain('SyslogIdentifier=workdock-gpu');
  expect(unit.filter((line) => line.startsWith('Description='))).toEqual([expect.stringContaining('(workdock-gpu)')]);
});

test('Node elsewhere than systemd looks is put on the PATH', () => {
  expect(settings({ path: '/opt/node 24/bin:/usr/bin' })).toContain('Environment="PATH=/opt/node 24/bin:/usr/bin"');
});

test.each(['/etc/workdock/state', '/usr/local/workdock'])(
  '%s can be written: the system is not made read-only',
  (path) => {
    expect(settings({ written: [path] }).filter((line) => line.startsWith('ProtectSystem'))).toEqual([]);
  },
);

test('a program or folder that no unit can name is refused, with what to do', () => {
  for (const bad of [
    { launcher: '/a"b/workdock' },
    { launcher: '/a\\b' },
    { folders: ['/a\nb'] },
    { config: '/\u0007' },
  ]) {
    expect(() => unitText({ ...facts, ...bad }), JSON.stringify(bad)).toThrow(/systemd cannot be told of/);
  }
});

test('odd paths of the config are read back', () => {
  for (const config of ['/a b/c.yaml', '/%h/$HOME/c.yaml', '/"x"/\'y\'\\z.yaml', '/ümläut/c.yaml', '/a;b#c.yaml']) {
    expect(configOf(unitText({ ...facts, config }))).toBe(config);
  }
});

test('any edit is seen, and nothing else is taken for one', () => {
  const text = unitText(facts);
  expect(isUntouched(text)).toBe(true);
  expect(isUntouched(unitText({ ...facts, version: '9.9.9' }))).toBe(true);
  for (const edited of [text.replace('5s', '6s'), `${text}\n`, text.slice(1), '', '[Service]\nExecStart=/x\n']) {
    expect(isUntouched(edited)).toBe(false);
  }
});

test('what a new unit changes is told without its comments', () => {
  const [before, after] = [unitText(facts), unitText({ ...facts, version: '2', config: '/srv/w.yaml' })];
  expect(difference(before, after)).toEqual([
    '- ExecStart=/opt/workdock/bin/workdock --config /etc/workdock/workdock.yaml up',
    '+ ExecStart=/opt/workdock/bin/workdock --config /srv/w.yaml up',
  ]);
});
