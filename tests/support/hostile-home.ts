import { execFileSync } from 'node:child_process';

const python = (script: string, ...args: string[]): string =>
  execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });

/** Names need not be text, which Node cannot say. Nothing is followed. */
const tree = `
import hashlib, os, stat, sys
top = os.fsencode(sys.argv[1]); inodes = {}
def line(path):
    full = os.path.join(top, path); s = os.lstat(full); content = ''
    if stat.S_ISLNK(s.st_mode): content = os.readlink(full)
    if stat.S_ISREG(s.st_mode):
        with open(full, 'rb') as f: content = (s.st_size, hashlib.sha256(f.read()).hexdigest())
    attributes = [] if stat.S_ISLNK(s.st_mode) else [(n, os.getxattr(full, n)) for n in sorted(os.listxattr(full))]
    first = inodes.setdefault(s.st_ino, path)
    print(path, oct(s.st_mode), s.st_uid, s.st_gid, s.st_mtime_ns, content, attributes, first)
    if stat.S_ISDIR(s.st_mode):
        for name in sorted(os.listdir(full)): line(os.path.join(path, name) if path != b'.' else name)
line(b'.')
`;

/** One line for each thing in a folder, itself included: kind, mode, owner, time, content, attributes, hard links. */
export const treeOf = (folder: string): string[] => python(tree, folder).split('\n').filter(Boolean);

const make = `
import os, socket, sys
home, uid = sys.argv[1], int(sys.argv[2])
os.mkdir(home); os.chdir(home)
os.makedirs('deep/er/est'); os.mkdir('closed')
open('notes', 'w').write('all of it')
os.link('notes', 'deep/same')
links = [('/', 'root'), ('../../../etc', 'deep/up'), ('nowhere', 'dangling'), ('.', 'loop')]
for to, name in links: os.symlink(to, name)
names = ['new\\nline', '-rf', '--checkpoint-action=exec=sh', 'a b', 'quote"', "'", 'caf\\u00e9', '@at', '*', '.hidden']
for name in names: open(name, 'w').write(name)
open(b'not\\xffutf8', 'w').write('x')
os.mkfifo('pipe')
s = socket.socket(socket.AF_UNIX); s.bind('socket')
f = open('sparse', 'w'); f.truncate(50_000_000); f.close()
for root, folders, files in os.walk(b'.'):
    for name in folders + files: os.lchown(os.path.join(root, name), uid, uid)
os.chmod('notes', 0o4751); os.chmod('closed', 0); os.chmod('deep', 0o2770); os.chown('a b', 12345, 54321)
os.setxattr('notes', 'user.kept', b'yes')
os.utime('deep/er', (1_000_000_000, 1_000_000_000)); os.utime('a b', ns=(1, 1_234_567_891_234_567_891))
os.lchown('.', uid, uid); os.chmod('.', 0o700)
`;

/** A home with what an owner can make: odd names, links out of it, hard links, a pipe, a socket, holes, odd modes. */
export const makeHostileHome = (home: string, uid: number): void => void python(make, home, `${uid}`);
