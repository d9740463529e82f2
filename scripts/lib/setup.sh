# shellcheck shell=bash
# What `up` and `test` have in common: look, say what is missing, bring exactly that. The caller sets $root.
# Their own flags come first; what is left of the arguments is for the program they run: take_flags, then set_up.

set -euo pipefail
for part in say node engine start-engine images; do
  # shellcheck source=/dev/null
  . "$root/scripts/lib/$part.sh"
done

dry_run=no
may_start_engine=no
only_set_up=no

# take_flags ARGUMENT...: sets the flags, and $rest to the arguments after them.
take_flags() {
  rest=()
  while [ $# -gt 0 ]; do
    case $1 in
      --dry-run) dry_run=yes ;;
      --start-engine) may_start_engine=yes ;;
      --only-set-up) only_set_up=yes ;;
      *) break ;;
    esac
    shift
  done
  rest=("$@")
}

# set_up IMAGE-KIND...
set_up() {
  local engine node plan
  [ "$(uname -s)" = Linux ] || die "workdock runs on Linux, this is $(uname -s); use a Linux machine or a virtual one"
  read -r engine endpoint <<<"$(engine_state)"
  [ "$engine:$may_start_engine" != stopped:yes ] || ! installed dockerd || engine=to-start
  require_usable "$engine" "$endpoint" # before anything is installed: what is in the way is known at once
  use_endpoint "$endpoint"
  node=$(node_state)
  plan=$(make_plan "$engine" "$node" "$@")
  if [ -z "$plan" ]; then
    say "everything is here"
    return
  fi
  say "will install:"
  say "$plan"
  [ "$dry_run" = no ] || return 0
  case $engine:$node:$(missing_tools) in # asked once, and first
    none:* | ours-stopped:* | to-start:* | *:npm:* | *:*:?*) need_root "what is listed above" ;;
  esac
  only_one_set_up
  bring "$engine" "$node" "$@"
  exec 9>&-
}

# Children find the engine where we found it: a context or a rootless socket is not where they would look.
use_endpoint() {
  case $1 in '' | "unix:///var/run/docker.sock") ;; *) export DOCKER_HOST=$1 ;; esac
}

# One line for each missing thing: what, where it goes, and why.
make_plan() {
  local engine=$1 node=$2 kind
  shift 2
  case $node in npm) say "  npm, from apt: it brings Node and the packages" ;; esac
  [ "$node" = ready ] || say "  Node $NODE_VERSION, into .node/ of this checkout: 24.15 or newer is needed," \
    "the machine has $(has node && machine_node || echo none)"
  packages_ready || say "  npm packages of package-lock.json, into node_modules/ of this checkout"
  case $engine in
    none) say "  Docker engine, from apt: docker.io and iptables, then started: no engine is installed here" ;;
    ours-stopped) say "  no engine: the one that an earlier set-up installed is only started again" ;;
    to-start) say "  no engine: the one installed here is only started, as --start-engine says" ;;
  esac
  [ -z "$(missing_tools)" ] || say "  $(missing_tools), from apt: tests use it"
  for kind in "$@"; do
    plan_image "$engine" "$node" "$kind"
  done
}

bring() {
  local engine=$1 node=$2 kind
  shift 2
  [ "$node" != npm ] || bring_npm
  [ "$node" = ready ] || fetch_node
  packages_ready || install_packages
  [ "$engine" != none ] || install_engine
  case $engine in none | ours-stopped | to-start)
    start_engine
    require_usable "$(engine_state | cut -d' ' -f1)" "unix://$docker_socket" ;;
  esac
  # Unquoted: one word for each tool.
  # shellcheck disable=SC2046
  [ -z "$(missing_tools)" ] || apt_install $(missing_tools)
  for kind in "$@"; do
    bring_image "$kind"
  done
}

# Packages of the programs that the caller names in $needed_tools, as PROGRAM or PROGRAM:PACKAGE. Without apt-get their
# tests fail and say so.
missing_tools() {
  local tool missing=()
  has apt-get || return 0
  for tool in ${needed_tools:-}; do
    has "${tool%:*}" || missing+=("${tool#*:}")
  done
  printf '%s' "${missing[*]:-}"
}

bring_npm() {
  has apt-get || die "no npm here to fetch Node with; install npm, or Node 24.15 or newer, and run this again"
  apt_install npm
}

# Two at once would both install; the second waits and then finds everything.
only_one_set_up() {
  mkdir -p "$root/.cache"
  has flock || return 0
  exec 9>"$root/.cache/setup.lock"
  flock -n 9 && return
  say "another set-up of this checkout is running; waiting for it"
  flock -w 1200 9 || die "another set-up of this checkout has been running for 20 minutes; end it and run this again"
}
