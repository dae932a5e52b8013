# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Functions that the bars share. tests/bench/run sources this file, and sets $work (the directory of
# the bar, on the disk to test), $rounds and $bin (the directory of the release build's programs).

# seconds CMD… - runs a command, writes its output to $work/log, and prints the elapsed time in s.
# Syncs first, so that the command does not wait for earlier writes.
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

# median NUMBER… - prints the median
median() {
    printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# ratio A B - prints A / B with two decimals
ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a / b }'
}

# bar NAME FIGURE at-most|at-least BOUND TEXT - prints the verdict, and counts a bar that does not
# hold in $failed
bar() {
    local name=$1 figure=$2 sense=$3 bound=$4 text=$5 sign='<=' verdict=''
    [[ $sense == at-most ]] || sign='>='
    if ! awk -v f="$figure" -v b="$bound" -v s="$sign" 'BEGIN { exit !(s == "<=" ? f <= b : f >= b) }'; then
        verdict='  MISSED'
        failed=$((failed + 1))
    fi
    printf '%s: %s (%s %s)%s\n    %s\n' "$name" "$figure" "$sign" "$bound" "$verdict" "$text"
}

# start_postgres - starts a new PostgreSQL in $work/pg, which listens only on a socket, and exports
# PGHOST, PGPORT and PGUSER. tests/bench/run always calls stop_postgres in the end.
start_postgres() {
    "$root/tests/support/instance/postgres" start "$work/pg"
    export PGHOST=$work/pg PGPORT=5432 PGUSER=postgres
}

stop_postgres() {
    [[ ! -d $work/pg ]] || "$root/tests/support/instance/postgres" stop "$work/pg"
}

# fresh_filesystem SIZE - mounts a new ext4 of this size (in bytes) at $work/fresh, for programs
# that make many files. For minutes after files were deleted, an ext4 makes files slowly, because it
# does not reuse their inodes at once, and skips them one by one. Each program would pay for the one
# before it.
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

# old_database [OPTION of make-day…] - makes the database mastodon_bench in the server of
# start_postgres, and lets it live for five days
old_database() {
    "$root/tests/support/instance/make-database" --size "$database_size" mastodon_bench >/dev/null
    day=0
    for _ in 1 2 3 4; do live_on --no-vacuum "$@"; done
    live_on "$@"
}

# live_on [OPTION of make-day…] - lets the database live for one more day, and sets $lived to what
# has happened
live_on() {
    day=$((day + 1))
    # shellcheck disable=SC2034 # the bars use it
    lived=$("$root/tests/support/instance/make-day" --size "$database_size" "$@" "$day" mastodon_bench)
}

# dump_step FILE [OPTION of bench_dump…] - runs the dump step with a new file, and prints its
# seconds, its bytes, and the peak memory in KiB
dump_step() {
    rm -f "$1" "$1.list"
    sync
    "$bin/bench_dump" --host "$PGHOST" --port "$PGPORT" --user postgres mastodon_bench "$@"
}

# percent A B - prints 100 * A / B with two decimals
percent() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", 100 * a / b }'
}
