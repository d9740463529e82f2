# shellcheck shell=bash
# Node inside the checkout where the machine's is older than 24.15, and the npm packages. Nothing outside the checkout.

NODE_VERSION=24.21.0
NPM_VERSION=11.21.2
# The runtime comes as npm packages without install scripts. A tarball that is not this one is refused.
NODE_SHA512_x64=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f\
07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
NODE_SHA512_arm64=1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e\
242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6
NPM_SHA512=ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a\
8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4

own_node=$root/.node

# 24.15 is what the packages ask for at most (write-file-atomic 8).
new_enough() {
  case $1 in
    v24.[0-9].* | v24.1[0-4].*) return 1 ;;
    v2[4-9].* | v[3-9][0-9].*) return 0 ;;
    *) return 1 ;;
  esac
}

machine_node() { has node && node --version 2>/dev/null || true; }

own_node_ready() { [ "$(cat "$own_node/.ready" 2>/dev/null)" = "$NODE_VERSION+$NPM_VERSION" ]; }

# ready: nothing to do. fetch: npm here can bring it. npm: that has to come first.
node_state() {
  if own_node_ready || { [ ! -e "$own_node/bin/node" ] && has npm && new_enough "$(machine_node)"; }; then
    echo ready
  elif has npm; then
    echo fetch
  else
    echo npm
  fi
}

fetch_node() {
  local processor
  case $(uname -sm) in
    'Linux x86_64') processor=x64 ;;
    'Linux aarch64') processor=arm64 ;;
    *) die "no Node for $(uname -sm) is known here; install Node 24.15 or newer and run this again" ;;
  esac
  local sum=NODE_SHA512_$processor
  run_step "fetching Node $NODE_VERSION" "check that npm view node-linux-$processor works" \
    unpack_node "$processor" "${!sum}"
}

# Unpacked beside and then renamed: a fetch that is cut off leaves no half Node behind.
unpack_node() {
  local fresh=$own_node.new
  rm -rf "$fresh" && mkdir -p "$fresh/lib/npm"
  fetch_package "node-linux-$1" "$NODE_VERSION" "$2" "$fresh"
  fetch_package npm "$NPM_VERSION" "$NPM_SHA512" "$fresh/lib/npm"
  "$fresh/bin/node" --version
  echo "$NODE_VERSION+$NPM_VERSION" >"$fresh/.ready"
  rm -rf "$own_node" && mv "$fresh" "$own_node"
}

# fetch_package NAME VERSION SHA512 FOLDER
fetch_package() {
  local file=$4/$1.tgz
  (cd "$4" && npm pack --silent "$1@$2" && mv "$1-$2.tgz" "$1.tgz")
  [ "$(sha512 "$file")" = "$3" ] || { echo "$1 $2 is not the package it was when it was chosen" && return 1; }
  tar -xzf "$file" -C "$4" --strip-components=1 --no-same-owner
  rm -f "$file"
}

sha512() { sha512sum "$1" | cut -c1-128; }

# npm of the Node that will run the packages: under an older one it picks other versions of them.
npm_ours() {
  if own_node_ready; then
    PATH=$own_node/bin:$PATH "$own_node/bin/node" "$own_node/lib/npm/bin/npm-cli.js" "$@"
  else
    npm "$@"
  fi
}

packages_stamp() { sha256sum "$root/package-lock.json" | cut -c1-64; }
packages_ready() { [ "$(cat "$root/node_modules/.workdock-stamp" 2>/dev/null)" = "$(packages_stamp)" ]; }

install_packages() {
  run_step "installing the npm packages" "check that npm install works in $root" npm_install
  packages_stamp >"$root/node_modules/.workdock-stamp"
}

# Not `npm ci`: it refuses the lock file where a registry lacks a package of another platform, although nothing of it
# would be installed. Versions and integrity come from the lock file here too, and nothing is written to it.
npm_install() { cd "$root" && npm_ours install --no-save --no-audit --no-fund --loglevel=error; }
