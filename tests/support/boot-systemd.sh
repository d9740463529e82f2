#!/bin/sh
# Boots systemd as process 1 of namespaces of its own: boot-systemd FOLDER
# It sees the machine's files, but /etc and /var/lib as copies on write, and an empty /run with what the engine and the
# firewall need. Of units it knows those in FOLDER/units and what is installed. FOLDER/layers outlives a boot.
set -eu
folder=$1
if [ "${2:-}" != inside ]; then
  echo $$ >"$folder/own/cgroup.procs"
  exec unshare --pid --fork --kill-child --mount --uts --ipc --cgroup -- sh "$0" "$folder" inside
fi

copy_on_write() {
  layer=$folder/layers$1
  fresh=no
  [ -d "$layer" ] || fresh=yes
  mkdir -p "$layer/upper" "$layer/work"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" "$1"
}
copy_on_write /var/lib
copy_on_write /etc
if [ "$fresh" = yes ]; then # the machine's own units stay out of it
  rm -rf /etc/systemd/system
  mkdir /etc/systemd/system
fi
touch /run/xtables.lock
mount --rbind /run "$folder/run"
mount -t tmpfs tmpfs /run
for shared in docker.sock xtables.lock; do
  touch "/run/$shared"
  mount --bind "$folder/run/$shared" "/run/$shared"
done
umount -l "$folder/run"
mount -t proc proc /proc
mount --bind -o ro /proc/sys /proc/sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
cd /
exec env -i container=test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  SYSTEMD_UNIT_PATH="/etc/systemd/system:$folder/units" \
  /lib/systemd/systemd --system --unit=multi-user.target --log-target=null
