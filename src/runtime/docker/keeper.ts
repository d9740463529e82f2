/**
 * Process 2 of a workspace with `command: Keep`: sleeps until TERM, passes TERM on to every process and ends when the
 * last one that its owner may signal is gone; the engine's init then ends the rest. POSIX sh (dash, busybox), no ps.
 *
 * A shell with a terminal ignores TERM and would use up the whole grace. It gets HUP, but only when nothing else is
 * left: bash passes HUP on to its jobs, which may still be saving.
 */
const script = `
# keeps the workspace up; passes TERM on to every process when it stops
left() { # prints "busy" or "shells", nothing when all are gone
  found=
  for folder in /proc/[0-9]*; do
    pid=\${folder#/proc/}
    if [ "$pid" = 1 ] || [ "$pid" = $$ ] || ! kill -0 "$pid" 2>/dev/null; then continue; fi
    if interactive "$pid"; then found=\${found:-shells}; shells="$shells $pid"; else found=busy; fi
  done
}
interactive() { # has a terminal and ignores TERM (bit 14 of SigIgn)
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return 1
  set -- "$1" \${line##*) }
  [ "$6" != 0 ] || return 1
  { while read -r key value; do
    if [ "$key" = SigIgn: ]; then case $value in *[4567cdef]???) return 0 ;; *) return 1 ;; esac; fi
  done < "/proc/$1/status"; } 2>/dev/null
  return 1
}
finish() {
  trap '' TERM HUP
  kill -TERM -1 2>/dev/null
  kill -CONT -1 2>/dev/null
  wait
  while :; do
    shells=
    left
    case $found in '') exit 0 ;; shells) kill -HUP $shells 2>/dev/null ;; esac
    sleep 0.05 2>/dev/null || sleep 1
  done
}
trap finish TERM
while :; do sleep 86400 & wait $!; done
`;

export const keeperArgv: readonly string[] = ['/bin/sh', '-c', script.trim(), 'workdock-keeper'];
