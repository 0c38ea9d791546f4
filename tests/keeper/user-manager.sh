#!/bin/bash
# A real `systemd --user` for USER, as root, on a machine where systemd itself need not run:
#
#   user-manager.sh FOLDER USER PYTHON SITE
#
# It lives in mount and process namespaces of its own, which see FOLDER/home as /home/USER, FOLDER/run as the
# user's run folder, and what follows it read-only under /run/kz. On stdout: a process id, by which nsenter
# finds the namespaces. When stdin ends, however that comes, all of it ends and nothing is left.
set -eu
FOLDER=$1 USER=$2 PYTHON=$3 SITE=$4
ID=$(id -u "$USER")

cgroups() { findmnt -n -o TARGET -t cgroup2; findmnt -n -o TARGET -t cgroup -O name=systemd; }

if [ -z "${INSIDE-}" ]; then
  export INSIDE=kz-test-$$
  clean_up() {
    trap - EXIT
    if [ -n "${namespace-}" ]; then
      kill -KILL "$namespace" 2>/dev/null || true  # its child, the first of the namespace, and so all go with it
      wait "$namespace" 2>/dev/null || true
    fi
    for group in $(cgroups); do
      for _ in $(seq 50); do
        [ -d "$group/$INSIDE" ] || break
        find "$group/$INSIDE" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.05
      done
    done
  }
  trap clean_up EXIT
  trap 'exit 1' INT TERM HUP
  for group in $(cgroups); do
    mkdir -p "$group/$INSIDE/svc" || exit 77
    chown -R "$USER:" "$group/$INSIDE"
  done
  unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
    bash "$0" "$@" </dev/null >"$FOLDER/manager.log" 2>&1 &
  namespace=$!
  echo "$namespace"
  exec 1>&-
  cat >/dev/null
  exit
fi

for group in $(cgroups); do echo 0 >"$group/$INSIDE/svc/cgroup.procs"; done
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/{system,unit-root} "/run/user/$ID" /run/kz/{python,site,checkout,venv}
mount --bind "$FOLDER/run" "/run/user/$ID"
mount -t tmpfs tmpfs /home
mkdir "/home/$USER"
mount --bind "$FOLDER/home" "/home/$USER"
bind() { mount --bind "$1" "/run/kz/$2" && mount -o remount,bind,ro "/run/kz/$2"; }
bind "$PYTHON" python
bind "$SITE" site
bind "$FOLDER/checkout" checkout
bind "$FOLDER/venv" venv
manager=$(dpkg -L systemd 2>/dev/null | grep -m1 'lib/systemd/systemd$' || echo /usr/lib/systemd/systemd)
# Not exec: as the first process of a namespace it would not be a user's manager.
setpriv --reuid="$ID" --regid="$(id -g "$USER")" --init-groups env -i HOME="/home/$USER" USER="$USER" \
  LOGNAME="$USER" PATH="/run/kz/venv/bin:$PATH" LC_ALL=C.UTF-8 XDG_RUNTIME_DIR="/run/user/$ID" "$manager" --user
