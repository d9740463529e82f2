# shellcheck shell=bash
# Installs a Docker engine where there is none, and starts the one it installed. A foreign engine is never touched.

engine_log=/var/log/workdock-dockerd.log
engine_pid=/run/workdock/dockerd.pid
ENGINE_STARTS_SECONDS=60 # 4 s measured; the first start on a slow disk takes longer

install_engine() {
  local folder
  folder=$(dirname "$engine_marker")
  has apt-get || die "no container engine here, and no apt-get to install one; install Docker and run this again"
  apt_install docker.io iptables
  as_root mkdir -p "$folder"
  as_root tee "$engine_marker" >/dev/null <<<"installed by workdock's set-up: it may start this engine"
}

start_engine() {
  need_root "and starting the Docker engine"
  if [ -d /run/systemd/system ]; then
    run_step "starting the Docker engine" "see journalctl -u docker" start_by_systemd
  else
    run_step "starting the Docker engine" "see $engine_log" start_by_hand
  fi
}

start_by_systemd() {
  as_root systemctl start docker
  wait_for_engine systemctl is-active --quiet docker
}

# Without systemd nobody keeps a daemon for us: its own session, so that it outlives this terminal.
start_by_hand() {
  if engine_answers; then return; fi # the package's own start script was faster
  as_root mkdir -p "$(dirname "$engine_pid")"
  drop_stale /var/run/docker.pid dockerd
  drop_stale /run/docker/containerd/containerd.pid containerd
  # 9 is the lock of the set-up, which must not live as long as the engine.
  as_root sh -c 'umask 077; setsid nohup dockerd >>"$1" 2>&1 </dev/null & echo $! >"$2"' \
    sh "$engine_log" "$engine_pid" 9>&-
  wait_for_engine as_root kill -0 "$(as_root cat "$engine_pid")"
}

# drop_stale PID-FILE PROGRAM: an engine that was killed leaves its number, and refuses to start once another process
# has got that number.
drop_stale() {
  local pid
  pid=$(as_root cat "$1" 2>/dev/null) || return 0
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] || as_root rm -f "$1"
}

# wait_for_engine STILL-THERE...: until it answers, its process is gone, or the time is up.
wait_for_engine() {
  local until=$((SECONDS + ENGINE_STARTS_SECONDS))
  until engine_answers; do
    if ! "$@" || ((SECONDS > until)); then
      as_root tail -n 1 "$engine_log" 2>/dev/null || echo "it does not answer"
      return 1
    fi
    sleep 0.3
  done
}

# Asked as root: whether this user may use it is another question, with an answer of its own.
engine_answers() {
  as_root test -S "$docker_socket" || return 1
  if has curl; then
    [ "$(as_root curl -fsS -m 5 --unix-socket "$docker_socket" http://engine/_ping 2>/dev/null)" = OK ]
  else
    as_root docker version >/dev/null 2>&1
  fi
}
