import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkdockError } from '../../lib/errors.ts';

/** One certificate authority as an image wants it: one PEM block in a file of its own. */
export type Certificate = { file: string; pem: string };

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const NAMES = /\.(crt|pem|cer)$/;

/** Where Debian and Red Hat keep the bundle a host trusts, and where Debian keeps the ones everyone has. */
const SYSTEM_BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];
const HOST_EXTRAS = '/usr/local/share/ca-certificates';
const PUBLIC = '/usr/share/ca-certificates';

/**
 * Every certificate of a folder: `*.crt`, `*.pem`, `*.cer`, PEM or DER, bundles split.
 * @throws WorkdockError USAGE when the folder cannot be read, holds a broken file, or holds none.
 */
export function certificatesOf(folder: string): Certificate[] {
  const found = unique(listFiles(folder).flatMap(readStrict));
  if (found.length > 0) return found;
  throw usage(`no certificate in ${folder}`, 'put the *.crt, *.pem or *.cer files of your authorities there');
}

/** What this host trusts beyond the public authorities, so that an image made here reaches what the host reaches. */
export function hostCertificates(environment: NodeJS.ProcessEnv): Certificate[] {
  const bundles = [environment['SSL_CERT_FILE'], ...SYSTEM_BUNDLES].filter((path) => path && existsSync(path));
  const known = new Set(readable(PUBLIC).map(({ file }) => file));
  const trusted = [...readable(HOST_EXTRAS), ...bundles.flatMap((path) => readLoose(path ?? ''))];
  return unique(trusted).filter(({ file }) => !known.has(file));
}

const readable = (folder: string) => (existsSync(folder) ? listFiles(folder).flatMap(readLoose) : []);

/** The name comes from the content, so the same certificate from two places is one file and the build cache holds. */
const named = (certificate: X509Certificate): Certificate => ({
  file: `workdock-${certificate.fingerprint256.replaceAll(':', '').slice(0, 24).toLowerCase()}.crt`,
  pem: certificate.toString(),
});

const unique = (all: Certificate[]) =>
  [...new Map(all.map((one) => [one.file, one])).values()].sort((a, b) => (a.file < b.file ? -1 : 1));

function listFiles(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return entries.filter((name) => NAMES.test(name)).map((name) => join(folder, name));
  } catch (cause) {
    throw usage(`cannot read the certificate folder ${folder}`, 'give a folder that exists: --ca DIR', cause);
  }
}

function readStrict(path: string): Certificate[] {
  try {
    const raw = readFileSync(path);
    const blocks = raw.toString('latin1').match(BLOCK);
    return (blocks ?? [raw]).map((block) => named(new X509Certificate(block)));
  } catch (cause) {
    throw usage(`${path} is not a certificate`, 'remove it, or convert it to PEM with openssl x509', cause);
  }
}

/** The host's own bundles are not the user's to mend: what cannot be read there is left out. */
function readLoose(path: string): Certificate[] {
  try {
    return readStrict(path);
  } catch {
    return [];
  }
}

const usage = (message: string, hint: string, cause?: unknown) => new WorkdockError('USAGE', message, { hint, cause });
