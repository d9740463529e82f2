/** Where the files of a service lie. A second one on the same machine has a name: `workdock-gpu`. */

/** What a service is called: its unit without `.service`, and its folders below /etc and /var/lib. */
export const serviceName = (name?: string): string => (name === undefined ? 'workdock' : `workdock-${name}`);

export const UNIT_FOLDER = '/etc/systemd/system';
export const unitFile = (service: string): string => `${UNIT_FOLDER}/${service}.service`;
export const serviceConfigFile = (service: string): string => `/etc/${service}/workdock.yaml`;

/**
 * The folder that `./state` and `./data` lie in when the config does not name them: beside the config, but below
 * /var/lib for a config of the system in /etc/workdock or /etc/workdock-NAME. It depends on nothing but the path, so
 * that controller, verbs and unit cannot differ.
 */
export function varFolder(configFolder: string): string {
  const [, service] = /^\/etc\/(workdock(?:-[a-z0-9-]+)?)$/.exec(configFolder) ?? [];
  return service === undefined ? configFolder : `/var/lib/${service}`;
}
