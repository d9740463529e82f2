import { createHash } from 'node:crypto';
import { WorkdockError } from '../lib/errors.ts';
import { quoteWord } from '../lib/systemd-text.ts';
import { isWithin } from '../spec/rules/paths.ts';

/** What the unit of a service is made from. Paths are absolute, as the machine that runs it sees them. */
export type UnitFacts = {
  service: string;
  version: string;
  /** The program; systemd takes no path with quotes or backslashes here. */
  launcher: string;
  config: string;
  /** Folders that have to be mounted before it starts. */
  folders: string[];
  /** Folders that the controller writes in. */
  written: string[];
  /** The PATH, when Node is not where systemd looks by itself. */
  path?: string;
};

/** The text of the unit. @throws REFUSED for a path that no unit can name. */
export function unitText(facts: UnitFacts): string {
  const lines = body(facts);
  const by = `Written by \`workdock service install\`, version ${facts.version}`;
  return `# ${by}; checksum of what follows: ${checksum(lines)}\n${lines}`;
}

/** Whether a unit is still as some `service install` wrote it. */
export function isUntouched(text: string): boolean {
  const [, sum, rest] = /^# Written by .*; checksum of what follows: ([0-9a-f]{64})\n([\s\S]*)$/.exec(text) ?? [];
  return rest !== undefined && checksum(rest) === sum;
}

const checksum = (text: string) => createHash('sha256').update(text).digest('hex');

function body({ service, launcher, config, folders, written, path }: UnitFacts): string {
  if (/["'\\]/.test(launcher)) throw noName(launcher, 'the program lies in a folder with quotes or backslashes');
  for (const each of [launcher, config, ...folders]) {
    if (/\p{Cc}/u.test(each)) throw noName(each, 'it has control characters');
  }
  const command = [quoteWord(launcher), '--config', quoteWord(config, { isArgument: true }), 'up'].join(' ');
  return `# Put changes into a drop-in, \`systemctl edit ${service}\`: install and uninstall leave those alone.
# A unit that was edited itself is not overwritten.

[Unit]
Description=workdock, keeps container workspaces as their YAML says${service === 'workdock' ? '' : ` (${service})`}
# Wants= and neither Requires= nor BindsTo=: an engine that is stopped or restarted must not take the controller with
# it, which has to say so in its status and starts what should run as soon as the engine answers again.
Wants=docker.service network-online.target
After=docker.service network-online.target
# Without the disk of one of these nothing starts: an empty folder in its place would pass for the real one.
${[...new Set(folders)].map((folder) => `RequiresMountsFor=${quoteWord(folder)}\n`).join('')}\
# However long something is away that it needs, it comes back by itself.
StartLimitIntervalSec=0

[Service]
# Not notify: Node has no datagram sockets of the unix family. With exec a start fails when the program cannot be run.
Type=exec
ExecStart=${command}
${path === undefined ? '' : `Environment=${quoteWord(`PATH=${path}`)}\n`}SyslogIdentifier=${service}
Restart=on-failure
RestartSec=5s
# 2 usage, 3 a config that is not valid: nothing changes before a person mends it.
RestartPreventExitStatus=2 3
# Workspaces are processes of the engine; this unit holds the controller and what it calls. TERM ends it within some
# 12 s, in which steps under way are let through.
KillMode=mixed
TimeoutStopSec=60s
# Status files are for everybody to read; what is secret gets its mode when it is made.
UMask=0022
OOMScoreAdjust=-500
# It has the engine's socket, which is root on this machine: these guard against accidents. Left out is what it needs:
# the homes wherever they are, firewall rules and their kernel modules, /proc and terminals of other processes.
NoNewPrivileges=yes
${written.some(isSystem) ? '' : 'ProtectSystem=full\n'}ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet=~CAP_SYS_BOOT CAP_SYS_TIME CAP_SYS_RAWIO CAP_SYSLOG CAP_MAC_ADMIN CAP_MAC_OVERRIDE

[Install]
WantedBy=multi-user.target
`;
}

/** Read-only under ProtectSystem=full. */
const isSystem = (folder: string) => ['/usr', '/boot', '/efi', '/etc'].some((root) => isWithin(folder, root));

const noName = (path: string, why: string) =>
  new WorkdockError('REFUSED', `systemd cannot be told of ${JSON.stringify(path)}: ${why}`, {
    hint: 'move or rename it; nothing was written',
  });
