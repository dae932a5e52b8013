# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the bars share. Sourced by tests/bench/run, which sets $work (a directory of the bar's own on
# the disk under test), $rounds and $bin (the release build's programs).

# seconds CMD… - runs it, its output into $work/log, and prints how long it took.
# What others left to be written is on disk before the clock starts.
seconds() {
    local begin end
    sync
    begin=$EPOCHREALTIME
    "$@" >"$work/log" 2>&1 </dev/null || {
        echo "failed: $*" >&2
        tail -n 20 "$work/log" >&2
        return 1
    }
    end=$EPOCHREALTIME
    awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.2f\n", b - a }'
}

# median NUMBER…
median() {
    printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# ratio A B
ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a / b }'
}

# bar NAME FIGURE at-most|at-least BOUND TEXT - prints the verdict; a bar that does not hold is
# counted in $failed
bar() {
    local name=$1 figure=$2 sense=$3 bound=$4 text=$5 sign='<=' verdict=''
    [[ $sense == at-most ]] || sign='>='
    if ! awk -v f="$figure" -v b="$bound" -v s="$sign" 'BEGIN { exit !(s == "<=" ? f <= b : f >= b) }'; then
        verdict='  MISSED'
        failed=$((failed + 1))
    fi
    printf '%s: %s (%s %s)%s\n    %s\n' "$name" "$figure" "$sign" "$bound" "$verdict" "$text"
}

# start_postgres - a PostgreSQL of its own in $work/pg, on a socket only; exports PGHOST, PGPORT and
# PGUSER. It is ended by stop_postgres, which the driver calls whatever happens.
start_postgres() {
    "$root/tests/support/instance/postgres" start "$work/pg"
    export PGHOST=$work/pg PGPORT=5432 PGUSER=postgres
}

stop_postgres() {
    [[ ! -d $work/pg ]] || "$root/tests/support/instance/postgres" stop "$work/pg"
}

# fresh_filesystem SIZE - a new ext4 of that many bytes at $work/fresh. For what makes many files: one
# in which files were just deleted is slow for minutes, since ext4 does not use their inodes again at
# once and looks past them one by one, so that each side would pay for the one before it.
fresh_filesystem() {
    drop_filesystem
    [[ -e $work/image ]] || fallocate -l "$1" "$work/image"
    mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$work/image"
    loop=$(losetup --find --show --direct-io=on "$work/image")
    mkdir -p "$work/fresh"
    mount "$loop" "$work/fresh"
}

drop_filesystem() {
    [[ -n ${loop:-} ]] || return 0
    ! mountpoint -q "$work/fresh" || umount "$work/fresh"
    losetup -d "$loop"
    loop=''
}
