# Login shells forget the PATH of the image: /etc/profile sets its own.
case ":$PATH:" in
  *":$HOME/.local/bin:"*) ;;
  *) PATH="$HOME/.local/bin:$PATH" ;;
esac

# Who logs in at a terminal reads what this workspace is, and why it stopped last time. `touch ~/.hushlogin` ends that.
workdock_greet() {
  [ -r "$HOME/.workdock/about.txt" ] || return 0
  head -c 2000 "$HOME/.workdock/about.txt"
  # A home of a million files is not worth the wait.
  workdock_used=$(timeout 1 du -shx "$HOME" 2> /dev/null | cut -f 1)
  # shellcheck disable=SC2046
  set -- $(df -hP "$HOME" 2> /dev/null | tail -n 1)
  [ $# -lt 4 ] || echo "Home: ${workdock_used:+$workdock_used used, }its disk has $4 of $2 free"
  unset workdock_used
  # Of the last day only.
  if [ -n "$(find "$HOME/.workdock/last-stop.txt" -mmin -1440 2> /dev/null)" ]; then
    echo
    sed '/^$/q' "$HOME/.workdock/last-stop.txt" | head -n 30
  fi
}
case $- in
  *i*)
    if [ -n "${BASH_VERSION:-}" ] && [ -t 1 ] && [ -z "${TMUX:-}" ] && [ ! -e "$HOME/.hushlogin" ]; then
      workdock_greet
    fi
    ;;
esac
unset -f workdock_greet
