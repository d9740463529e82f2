import { Command } from 'commander';
import type { Io } from './io.ts';
import { type Format, outputOption } from './output.ts';
import { install } from './service-install.ts';
import { type ServiceFlags, servicePlace } from './service-place.ts';
import { status } from './service-status.ts';
import { uninstall } from './service-uninstall.ts';
import { makeSystemd } from './systemd.ts';

type Deps = { io: Io };

const help = `
The config is --config, else WORKDOCK_CONFIG, else that of the installed unit, else /etc/workdock/workdock.yaml.
Specs lie in /etc/workdock/workspaces, state and data in /var/lib/workdock, where the config does not say otherwise.

Examples:
  sudo workdock service install
  workdock service status
  sudo workdock service uninstall`;

/** `service`: the controller under systemd. */
export function serviceCommand({ io }: Deps): Command {
  return new Command('service')
    .description('run the controller under systemd, from boot on')
    .addHelpText('after', help)
    .addCommand(installCommand(io))
    .addCommand(statusCommand(io))
    .addCommand(uninstallCommand(io));
}

const verb = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .option('--name <name>', 'a second service: workdock-NAME, /etc/workdock-NAME, /var/lib/workdock-NAME')
    .option('--root <dir>', 'of a system that does not run here; nothing is started or stopped', '/');

const installHelp = `
Writes the unit, and a commented config and a specs folder when there are none; enables and starts it, and waits until
it answers. The second time it changes what differs. A unit that somebody edited is left alone: changes belong into a
drop-in (systemctl edit workdock). Without systemd as process 1 it exits with 7 after writing, unless --no-start.

Examples:
  sudo workdock service install
  sudo workdock service install --config /srv/lab/workdock.yaml
  workdock service install --root /tmp/stage`;

const installCommand = (io: Io) =>
  verb('install', 'write the unit, enable it and start it')
    .option('--no-start', 'write and enable only')
    .option('--force', 'also over a unit that somebody edited, which is kept beside it')
    .addHelpText('after', installHelp)
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ServiceFlags & { start: boolean; force?: true }>();
      const { start, name } = flags;
      const options = { start, force: flags.force === true, ...(name !== undefined && { name }) };
      await install(servicePlace(flags, io, { renew: true }), options, { io, systemd: makeSystemd() });
    });

const statusCommand = (io: Io) =>
  verb('status', 'whether it is installed, enabled and running, its folders and its last words')
    .addOption(outputOption('text', 'json', 'yaml'))
    .addHelpText('after', '\nExits with 5 when it is not installed, with 4 when no controller answers.')
    .action(async ({ output }: { output: Format }, command: Command) => {
      await status(servicePlace(command.optsWithGlobals<ServiceFlags>(), io), output, { io, systemd: makeSystemd() });
    });

const uninstallCommand = (io: Io) =>
  verb('uninstall', 'stop it and remove what install wrote, but neither config, specs, state nor data')
    .option('--force', 'also a unit that somebody edited, which is kept beside it')
    .addHelpText('after', '\nWorkspaces run on. Drop-ins stay for the next install.')
    .action(async ({ force }: { force?: true }, command: Command) => {
      const place = servicePlace(command.optsWithGlobals<ServiceFlags>(), io);
      await uninstall(place, { io, systemd: makeSystemd(), force: force === true });
    });
