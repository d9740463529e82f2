# A terminal with a person at it: runs a command, and does the steps of a JSON list one after the other.
#   {"expect": "text", "within": 20}   wait until the output since the last match has it
#   {"type": "keys"}  {"resize": [rows, columns]}  {"kill": true}  {"close": true}  {"wait": seconds-until-the-end}
# Prints {"output": ..., "code": ...}; fails with what it saw when a text never came.
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

steps, size, command = json.loads(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[0], size[1], 0, 0))
    os.execvp(command[0], command)

seen, since, code = b"", 0, None


def read(seconds):
    global seen
    if not select.select([fd], [], [], seconds)[0]:
        return True
    try:
        data = os.read(fd, 65536)
    except OSError:
        return False
    seen += data
    return bool(data)


for step in steps:
    if "expect" in step:
        wanted, end = step["expect"].encode(), time.time() + step.get("within", 20)
        while wanted not in seen[since:]:
            if time.time() > end or not read(0.1):
                sys.exit("never came: %r; seen: %r" % (step["expect"], seen[since:]))
        since = seen.index(wanted, since) + len(wanted)
    elif "type" in step:
        os.write(fd, step["type"].encode())
    elif "resize" in step:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", *step["resize"], 0, 0))
        os.kill(pid, signal.SIGWINCH)
    elif "kill" in step:
        os.kill(pid, signal.SIGKILL)
    elif "close" in step:
        os.close(fd)
        fd = os.open(os.devnull, os.O_RDONLY)

end = time.time() + 20
while code is None and time.time() < end:
    read(0.05)
    time.sleep(0.01)
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        code = os.waitstatus_to_exitcode(status)
# What it said last is still there to be read; somebody it left behind may hold the terminal and say nothing.
while select.select([fd], [], [], 0)[0] and read(0):
    pass
if code is None:
    os.kill(pid, signal.SIGKILL)
    sys.exit("did not end; seen: %r" % seen)
print(json.dumps({"output": seen.decode("utf8", "replace"), "code": code}))
