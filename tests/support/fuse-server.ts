import { spawnSync } from 'node:child_process';
import { openSync, read, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

// A program for tests: a disk of one folder with files in it, that answers every call with an error when it is told to,
// as a network disk does whose server has gone or forgotten what it had given out. Speaks the kernel's own protocol
// (linux/fuse.h, 7.31), so that no library is needed. Commands on stdin, one JSON a line: {files} or {error, of}.

type Command = { files?: Record<string, string>; error?: string | null; of?: string | null };

const [, , mountPoint = ''] = process.argv;
const op = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  open: 14,
  read: 15,
  release: 18,
  statfs: 17,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  interrupt: 36,
  batchForget: 42,
};
const silent: number[] = [op.forget, op.batchForget, op.interrupt];

let files: Record<string, string> = {};
let writtenAtMs = Date.now();
let error: string | null = null;
/** Only of this file; null: of everything. */
let of: string | null = null;

const errnos = constants.errno as Record<string, number>;
const names = (): string[] => Object.keys(files);
const nodeOf = (name: string): bigint => BigInt(names().indexOf(name) + 2);
const nameOf = (node: bigint): string | undefined => names()[Number(node) - 2];

function attributes(name: string | undefined): Buffer {
  const text = name === undefined ? '' : (files[name] ?? '');
  const out = Buffer.alloc(88);
  out.writeBigUInt64LE(name === undefined ? 1n : nodeOf(name), 0);
  out.writeBigUInt64LE(BigInt(Buffer.byteLength(text)), 8);
  for (const at of [24, 32, 40]) out.writeBigUInt64LE(BigInt(Math.floor(writtenAtMs / 1_000)), at);
  for (const at of [48, 52, 56]) out.writeUInt32LE((writtenAtMs % 1_000) * 1_000_000, at);
  out.writeUInt32LE(name === undefined ? 0o40755 : 0o100644, 60);
  out.writeUInt32LE(1, 64);
  out.writeUInt32LE(4096, 80);
  return out;
}

function listing(offset: number): Buffer {
  const all = ['.', '..', ...names()].slice(offset).map((name, i) => {
    const bytes = Buffer.from(name);
    const entry = Buffer.alloc(24 + Math.ceil(bytes.length / 8) * 8);
    entry.writeBigUInt64LE(1n, 0);
    entry.writeBigUInt64LE(BigInt(offset + i + 1), 8);
    entry.writeUInt32LE(bytes.length, 16);
    bytes.copy(entry, 24);
    return entry;
  });
  return Buffer.concat(all);
}

const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);
const failed = (code: string): number => -(errnos[code] ?? 5);

function answer(code: number, node: bigint, body: Buffer): Buffer | number {
  if (code === op.init) {
    const out = zeros(64);
    out.writeUInt32LE(7, 0);
    out.writeUInt32LE(31, 4);
    out.writeUInt32LE(4096, 20);
    return out;
  }
  const name = code === op.lookup ? body.toString('utf8', 0, body.indexOf(0)) : nameOf(node);
  if (error !== null && (of === null || of === name)) return failed(error);
  if (code === op.lookup) {
    if (name === undefined || !(name in files)) return failed('ENOENT');
    const entry = zeros(40);
    entry.writeBigUInt64LE(nodeOf(name), 0);
    return Buffer.concat([entry, attributes(name)]);
  }
  if (code === op.getattr) return Buffer.concat([zeros(16), attributes(name)]);
  if (code === op.open || code === op.opendir) {
    const out = zeros(16);
    out.writeUInt32LE(1, 8); // FOPEN_DIRECT_IO: nothing is remembered by the kernel
    return out;
  }
  const offset = code === op.read || code === op.readdir ? Number(body.readBigUInt64LE(8)) : 0;
  if (code === op.readdir) return listing(offset);
  if (code === op.read) return Buffer.from(files[name ?? ''] ?? '').subarray(offset, offset + body.readUInt32LE(16));
  if (code === op.statfs) return zeros(80);
  return code === op.release || code === op.releasedir || code === op.flush ? zeros(0) : failed('ENOSYS');
}

const device = openSync('/dev/fuse', 'r+');
const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other';
const mounted = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'lying', mountPoint], {
  stdio: ['ignore', 'ignore', 'inherit', device],
});
if (mounted.status !== 0) process.exit(1);

const request = Buffer.alloc(1 << 17);
function serve(): void {
  read(device, request, 0, request.length, null, (failure, length) => {
    if (failure?.code === 'ENODEV') process.exit(0); // unmounted
    if (failure) return serve(); // whoever asked has gone
    const code = request.readUInt32LE(4);
    const reply = silent.includes(code)
      ? null
      : answer(code, request.readBigUInt64LE(16), request.subarray(40, length));
    if (reply !== null) {
      const payload = typeof reply === 'number' ? zeros(0) : reply;
      const head = zeros(16);
      head.writeUInt32LE(16 + payload.length, 0);
      head.writeInt32LE(typeof reply === 'number' ? reply : 0, 4);
      request.copy(head, 8, 8, 16);
      try {
        writeSync(device, Buffer.concat([head, payload]));
      } catch {
        // Whoever asked has gone.
      }
    }
    serve();
  });
}
serve();
createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line) as Command;
  if (command.files) [files, writtenAtMs] = [command.files, Date.now()];
  if (command.error !== undefined) error = command.error;
  of = command.of ?? null;
  console.log('done');
});
console.log('mounted');
