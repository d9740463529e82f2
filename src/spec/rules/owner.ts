import type { Rule } from './rule.ts';
import { valueAt } from './rule.ts';

/**
 * Users and groups of a Debian system (base-passwd 3.6, and those that systemd, openssh and D-Bus add), and of our
 * image: an owner of that name would get its numbers inside, or take its name away.
 */
const systemAccounts = new Set(
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody nogroup
   systemd-network systemd-resolve systemd-timesync systemd-journal systemd-coredump messagebus sshd polkitd
   adm tty disk kmem dialout fax voice cdrom floppy tape sudo wheel audio dip operator src shadow utmp video
   sasl plugdev staff users input sgx kvm render crontab docker ssh netdev lpadmin`.split(/\s+/),
);

export const owner: Rule = (leaves) => {
  const name = valueAt<string>(leaves, 'spec.owner');
  if (name === undefined || !systemAccounts.has(name)) return [];
  const message = `owner ${name} is the name of a system account in the container`;
  return [{ path: 'spec.owner', message, suggestion: `take the person's own name, such as ${name}-lab` }];
};
