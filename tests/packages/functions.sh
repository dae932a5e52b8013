# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the tests of the package need inside a throwaway host.

fail() {
    echo "FAILED: $*" >&2
    systemctl --no-pager --full status mastobak 'mastodon-*' >&2 || true
    journalctl --no-pager -n 60 >&2 || true
    exit 1
}

# check WHAT COMMAND… - fails unless the command succeeds
check() {
    local what=$1
    shift
    "$@" || fail "$what ('$*')"
    echo "ok: $what"
}

# eventually COMMAND… - waits until the command succeeds, DEADLINE seconds (120) at most
eventually() {
    local deadline=$((SECONDS + ${DEADLINE:-120}))
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

not() { ! "$@"; }

# make_mastodon BIN - makes a PostgreSQL and a stand-in for Mastodon, and starts its units; BIN has
# make_media and make_rows
make_mastodon() {
    "$root/tests/support/testhost/pg-fast.sh"
    export PGHOST=/run/postgresql PGUSER=postgres
    psql -X -q -c 'CREATE ROLE mastodon LOGIN CREATEDB'
    MASTOBAK_BIN=$1 "$root/tests/support/instance/make-instance" /home/mastodon/live --owner mastodon \
        --user mastodon --size 4 --files 60 --units
    chmod 750 /home/mastodon # like Debian's useradd
    systemctl start mastodon-web mastodon-sidekiq mastodon-streaming
}

mastodon_runs() {
    systemctl is-active -q mastodon-web && systemctl is-active -q mastodon-sidekiq &&
        systemctl is-active -q mastodon-streaming
}

# use_normal_priority - other work of this machine must not starve drills, which run at idle priority
use_normal_priority() {
    local unit
    for unit in drill@ boot@; do
        install -d "/etc/systemd/system/mastobak-$unit.service.d"
        printf '[Service]\nCPUSchedulingPolicy=other\nCPUWeight=100\nIOSchedulingClass=best-effort\n' \
            >"/etc/systemd/system/mastobak-$unit.service.d/busy-machine.conf"
    done
    install -d /etc/systemd/system/mastobak.service.d
    printf '[Service]\nSystemCallFilter=~sched_setscheduler ioprio_set\nCPUWeight=100\n' \
        >/etc/systemd/system/mastobak.service.d/busy-machine.conf
    systemctl daemon-reload
}

is_proven() { mastobak show latest | grep -q '^drill .*is proven'; }

sets() { find /var/lib/mastobak/staging/sets -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
more_sets_than() { (($(sets) > $1)); }

# readme_install - prints the first commands of README's section Install
readme_install() {
    awk '/^## /{inside = ($2 == "Install")}
         inside && /^    /{found = 1; sub(/ *#.*/, ""); print substr($0, 5)}
         inside && found && !/^    /{exit}' "$root/README.md"
}
