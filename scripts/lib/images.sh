# shellcheck shell=bash
# The images, built by `workdock image build`. It decides by a hash of their inputs whether there is anything to do.

image_build() {
  local kind=$1
  shift
  if [ "$kind" = test ]; then set -- --test "$@"; fi
  "$root/bin/workdock" image build "$@"
}

# Without Node, packages or engine there is nobody to ask yet.
image_askable() { [ "$1" = ready ] && [ "$2" = ready ] && packages_ready; }

image_ready() { image_build "$1" --check >/dev/null 2>&1; }

# plan_image ENGINE-STATE NODE-STATE KIND
plan_image() {
  if ! image_askable "$1" "$2"; then
    say "  image workdock-$3:latest, where the engine does not have it yet"
  elif image_ready "$3"; then
    return
  else
    say "  image $(image_build "$3" --check 2>/dev/null | tail -n 1)"
  fi
  has mmdebstrap || [ "$3" != workspace ] ||
    say "  mmdebstrap, from apt, where no registry answers: it makes the base image from Debian's packages"
}

bring_image() {
  if image_ready "$1"; then return; fi
  bring_base
  say "building workdock-$1:latest ..."
  image_build "$1" || exit 1 # it has said what to do, in one line
}

# Exit 7: no registry answers and the tool that makes a base here is missing.
bring_base() {
  local code=0 log=$root/.cache/base-image.log
  has mmdebstrap && return
  say "looking for a base image ..."
  image_build workspace --base-only >"$log" 2>&1 || code=$?
  case $code in
    0) ;;
    7) has apt-get || die "$(error_line "$log")"
       apt_install mmdebstrap debian-archive-keyring ;;
    *) die "$(error_line "$log")" ;;
  esac
}

# What a verb said when it failed, its hint included, as one line.
error_line() { sed -n '/^workdock: /,$p' "$1" | sed 's/^workdock: //; s/^ *hint: //' | paste -sd ';' | sed 's/;/; /g'; }
