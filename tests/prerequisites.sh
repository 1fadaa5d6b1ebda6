#!/bin/sh
# What the tests start, from Debian's packages: installs what is missing as root or with sudo, else names it.
set -eu

PATH=$PATH:/usr/sbin:/sbin
missing=
need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
need redis-server redis-server
need chromium chromium
need dockerd docker.io
need docker-registry docker-registry
need skopeo skopeo
need curl curl
need jq jq
need podman podman
need busybox busybox-static
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo='sudo -n'
  else
    echo "Missing for some tests:$missing. As root: apt-get install$missing" >&2
    [ "${CI:-}" != true ] || exit 1
    echo "The tests that need them are left out." >&2
    exit 0
  fi
fi
command -v apt-get >/dev/null 2>&1 || {
  echo "Missing for some tests:$missing (the names are Debian's), and there is no apt-get to install them." >&2
  [ "${CI:-}" != true ] || exit 1
  exit 0
}

echo "Installing$missing ..."
# The tests start servers of their own, so those of the packages stay off: 101 means "not allowed to start".
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
  $sudo chmod 755 $policy
  trap '$sudo rm -f $policy' EXIT
fi
apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300"
$apt update -qq
# shellcheck disable=SC2086 - the list is meant to be split
$apt install -y -qq --no-install-recommends $missing >/dev/null
