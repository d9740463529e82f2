# shellcheck shell=bash
# How the set-up talks: progress on stdout, and one line on stderr when it cannot go on.

say() { printf '%s\n' "$*"; }

# Ends the set-up. The one line says what is wrong and, after the semicolon, what to do.
die() {
  printf 'workdock: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# run_step TEXT ADVICE COMMAND...: shows TEXT, how long it takes and what it says last; its whole output goes to a log.
run_step() {
  local text=$1 advice=$2 log started=$SECONDS pid shown=$SECONDS
  shift 2
  mkdir -p "$root/.cache"
  log=$root/.cache/$(printf '%s' "$text" | tr -c 'a-zA-Z0-9' '-').log
  say "$text ..."
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  # A background job ignores Ctrl-C by itself.
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS - shown >= 5)); then
      shown=$SECONDS
      say "  $((SECONDS - started)) s  $(last_line "$log")"
    fi
    sleep 0.2
  done
  trap - INT TERM
  wait "$pid" || die "$text failed: $(last_line "$log"); $advice (all of it: $log)"
  say "$text: done in $((SECONDS - started)) s"
}

last_line() { tr '\r' '\n' <"$1" | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c1-110 || true; }

# As root, with sudo, or not at all.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Asks for sudo's password while there is someone to ask, before anything runs in the background.
need_root() {
  [ "$(id -u)" = 0 ] && return
  has sudo || die "installing $1 needs root; run this again as root"
  sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } || die "installing $1 needs root; run this again with sudo"
}

apt_install() {
  need_root "$*"
  run_step "reading the package lists" "check that apt-get update works" as_root apt-get update -q
  run_step "installing $*" "check that apt-get install $* works" as_root env DEBIAN_FRONTEND=noninteractive \
    NEEDRESTART_MODE=l apt-get install -qy --no-install-recommends "$@"
}
