# shellcheck shell=bash
# Which container engine is here, and does it answer? Looks only; installing and starting is in start-engine.sh.
# Every looked-at path is below $SETUP_ROOT (empty but in tests), so that a test can make up a machine.

SETUP_ROOT=${SETUP_ROOT:-}
engine_marker=$SETUP_ROOT/var/lib/workdock/engine-installed-by-setup
docker_socket=$SETUP_ROOT/var/run/docker.sock
runtime_folder=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}

# Finds a program on the PATH and where packages put daemons, which is not on everyone's PATH.
installed() {
  local folder
  local IFS=:
  for folder in $PATH "$SETUP_ROOT"/usr/sbin "$SETUP_ROOT"/usr/local/sbin "$SETUP_ROOT"/sbin "$SETUP_ROOT"/usr/bin \
    "$SETUP_ROOT"/usr/local/bin "$SETUP_ROOT"/snap/bin; do
    case $folder in "$SETUP_ROOT"*) [ -x "$folder/$1" ] && return 0 ;; esac
  done
  return 1
}

# The endpoint of the docker client's context, when it is another than the default one.
context_endpoint() {
  local config=${DOCKER_CONFIG:-${HOME:-/root}/.docker}/config.json name endpoint
  name=${DOCKER_CONTEXT:-$(sed -n 's/.*"currentContext"[^"]*"\([^"]*\)".*/\1/p' "$config" 2>/dev/null | head -n 1)}
  case $name in '' | default) return 1 ;; esac
  endpoint=$(docker context inspect -f '{{.Endpoints.docker.Host}}' "$name" 2>/dev/null) || endpoint=
  echo "${endpoint:-$name}"
}

# answers ENDPOINT: prints ok, denied, silent (something is missing or refuses), or unasked (no tool to ask with).
answers() {
  local path=${1#unix://} code=0
  case $1 in
    unix://*)
      [ -e "$path" ] || { echo silent && return; }
      [ -r "$path" ] && [ -w "$path" ] || { echo denied && return; }
      ask_socket "$path" || code=$?
      ;;
    tcp://* | http://* | https://*)
      if [ -n "${DOCKER_TLS_VERIFY:-}" ] || ! has curl; then ask_client "$1" || code=1
      else [ "$(curl -fsS -m 5 "http://${1#*://}/_ping" 2>/dev/null)" = OK ] || code=1; fi
      ;;
    *) ask_client "$1" || code=1 ;; # ssh and the like: only the docker client knows how
  esac
  case $code in 0) echo ok ;; 127) echo unasked ;; *) echo silent ;; esac
}

ask_client() { DOCKER_HOST=$1 timeout 10 docker version >/dev/null 2>&1; }

# Ten seconds, because a busy engine answers late; one that is not there says so at once.
ask_socket() {
  local node=node
  [ -x "$root/.node/bin/node" ] && node=$root/.node/bin/node
  if has curl; then
    [ "$(curl -fsS -m 10 --unix-socket "$1" http://engine/_ping 2>/dev/null)" = OK ]
  elif has "$node"; then
    "$node" -e 'const end = (code) => process.exit(code);
      const call = require("http").get({ socketPath: process.argv[1], path: "/_ping", timeout: 10000 },
        (answer) => end(answer.statusCode === 200 ? 0 : 1));
      call.on("error", () => end(1)); call.on("timeout", () => end(1));' "$1"
  else
    return 127
  fi
}

# Prints one word, and for some an endpoint after it:
#   ready ENDPOINT | denied ENDPOINT | stopped | ours-stopped | elsewhere ENDPOINT | containerd | podman | none
engine_state() {
  local endpoint
  if [ -n "${DOCKER_HOST:-}" ]; then judge "$DOCKER_HOST" elsewhere && return; fi
  if endpoint=$(context_endpoint); then judge "$endpoint" elsewhere && return; fi
  # One that answers goes before one that is there: a rootless engine beside a stopped system one, say.
  for endpoint in "unix://$docker_socket" "unix://$SETUP_ROOT$runtime_folder/docker.sock"; do
    if [ -S "${endpoint#unix://}" ] && [ "$(answers "$endpoint")" = ok ]; then echo "ready $endpoint" && return; fi
  done
  for endpoint in "unix://$docker_socket" "unix://$SETUP_ROOT$runtime_folder/docker.sock"; do
    if [ -S "${endpoint#unix://}" ]; then judge "$endpoint" stopped && return; fi
  done
  if [ -e "$engine_marker" ] && installed dockerd; then echo ours-stopped
  elif installed dockerd || [ -e "$docker_socket" ]; then echo stopped
  elif installed podman || any_there "$SETUP_ROOT"{/run,"$runtime_folder"}/podman/podman.sock
  then echo podman
  elif installed containerd || [ -e "$SETUP_ROOT/run/containerd/containerd.sock" ]; then echo containerd
  else echo none; fi
}

any_there() { [ -e "$1" ] || [ -e "$2" ]; }

# judge ENDPOINT WORD-WHEN-SILENT: our own engine left its socket behind when the machine went down.
judge() {
  case $(answers "$1") in
    ok) echo "ready $1" ;;
    unasked) echo "ready $1" ;;
    denied) echo "denied $1" ;;
    *) if [ "$2" = stopped ] && [ -e "$engine_marker" ] && installed dockerd; then echo ours-stopped
       elif [ "$2" = stopped ]; then echo stopped
       else echo "elsewhere $1"; fi ;;
  esac
}

# Ends the set-up with the one line that helps when an engine is there and cannot be used. Arguments: engine_state's.
require_usable() {
  local start='sudo systemctl start docker'
  [ -d "$SETUP_ROOT/run/systemd/system" ] || start='sudo dockerd, or sudo service docker start'
  case $1 in
    stopped) die "a Docker engine is installed but not started; start it: $start; or run this with --start-engine" ;;
    denied)
      die "no permission for the Docker engine at $2;" \
        "run sudo usermod -aG docker $(id -un) and log in again, or use sudo" ;;
    elsewhere)
      [ -z "${DOCKER_HOST:-}" ] || die "DOCKER_HOST=$DOCKER_HOST does not answer;" \
        "start the engine there, or unset DOCKER_HOST to use this machine's"
      die "the docker context in use ($2) does not answer;" \
        "start the engine there, or run docker context use default" ;;
    podman)
      die "podman is installed and Docker is not; workdock needs a Docker engine and puts none beside podman:" \
        "install one yourself, or set DOCKER_HOST" ;;
    containerd)
      die "containerd is installed and Docker is not; installing Docker could replace it:" \
        "install one yourself, or set DOCKER_HOST" ;;
  esac
}
