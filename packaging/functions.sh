# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Functions that the scripts in packaging/ and tests/ share. The scripts source this file. It sets
# $root, the top of the source tree.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

need_root() {
    [[ $(id -u) == 0 ]] || die "has to be run as root (sudo $0)"
}

# packages SECTION… - prints the packages in packaging/dependencies for this release of Debian
packages() {
    local codename
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    awk -v wanted=" $* " -v codename="$codename" '
        /^#/ || !NF || !index(wanted, " " $1 " ") { next }
        {
            for (i = 2; i <= NF; ++i) {
                n = split($i, part, ":")
                if (n == 1) print $i
                else if (part[1] == codename) print part[2]
            }
        }' "$root/packaging/dependencies" | sort -u
}

# install_packages SECTION… - installs the packages that are missing. It needs no network when all
# are installed.
install_packages() {
    local package missing=()
    for package in $(packages "$@"); do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    # policy-rc.d keeps Debian from starting the servers in these packages: tests start their own.
    local policy=/usr/sbin/policy-rc.d made='' status=0
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=1
    fi
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null || status=$?
    [[ -z $made ]] || rm -f "$policy"
    return "$status"
}

# build_release [PREFIX] [TARGET…] - configures build/release and builds it
build_release() {
    local prefix=${1:-/usr}
    shift || true
    (cd "$root" && cmake --preset release -DCMAKE_INSTALL_PREFIX="$prefix" >/dev/null)
    cmake --build "$root/build/release" ${1:+--target "$@"}
}

# boot_host NAME STAGE [OPTION…] - installs into the directory STAGE, and boots a throwaway host
# that sees the source tree as /opt/mastobak and STAGE as /opt/stage; see install_in_host
boot_host() {
    local name=$1 stage=$2
    shift 2
    DESTDIR=$stage cmake --install "$root/build/release" --strip >/dev/null
    stop_host "$name" # a killed script may have left a host
    "$root/tests/support/testhost/testhost" start "$name" \
        --bind-ro "$root:/opt/mastobak" --bind-ro "$stage:/opt/stage" "$@"
}

stop_host() {
    "$root/tests/support/testhost/testhost" stop "$1" >/dev/null 2>&1 || true
}

# install_in_host - runs inside a host of boot_host, and installs mastobak there
install_in_host() {
    cp -a /opt/stage/. /
    "$root/packaging/post-install"
}

# headline TEXT - prints a headline
headline() {
    printf '\n\033[1m== %s\033[0m\n' "$*"
}

# show CMD… - prints a command, then runs it
show() {
    printf '\n\033[1m# %s\033[0m\n' "$*"
    "$@"
}
