// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/restore_text.hpp"

namespace mastobak::store::restore_text {

const char* const database_beginning = R"md(
## 3. Database
)md";

const char* const rebuild = R"md(
The dump of this set is stored as its difference from an earlier dump, the base. These commands
rebuild it, in segments, and compare it; `$WORK` needs room for it (@DUMP@) and for the base
(@BASE_DUMP@).

```sh database-rebuild
part() { dd if="$1" bs=1M iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none; }
zstd -dcq @BASE@ > "$WORK/base"
while read -r kind offset length base_offset base_length frame_offset frame_size; do
    test "$kind" = segment || continue
    part database.difference "$frame_offset" "$frame_size" > "$WORK/frame"
    part "$WORK/base" "$base_offset" "$base_length" > "$WORK/range"
    if test "$base_length" -gt 0; then
        zstd -dcq --patch-from="$WORK/range" "$WORK/frame"
    else
        zstd -dcq "$WORK/frame"
    fi
done < database.difference.list > "$WORK/database.dump"
sed -n "s|^dump [0-9]* \\(.*\\)|\\1  $WORK/database.dump|p" database.difference.list |
    sha256sum --check --strict
rm "$WORK/base" "$WORK/range" "$WORK/frame"
```
)md";

const char* const database = R"md(
Everything in the dump runs as a role that is created only for this, has no other rights, and is
dropped at the end: SQL that was smuggled into the dump is never run by a superuser.

```sh database-create
DUMP=$($PG mktemp -d)   # readable for PostgreSQL's user
$PG dropdb --if-exists mastobak_loading   # of an earlier try
$PG dropuser --if-exists mastobak_loading
$PG createuser -- "$ROLE" || echo "if the role exists already, continue"
LOADER_PASSWORD=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
$PG psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres << SQL
CREATE ROLE mastobak_loading LOGIN
PASSWORD '$LOADER_PASSWORD';
SQL
$PG install -m 0600 /dev/null "$DUMP/password"
echo "*:*:*:mastobak_loading:$LOADER_PASSWORD" | $PG tee "$DUMP/password" > /dev/null
LOAD="$PG env -u PGPASSWORD PGHOST=${PGHOST-127.0.0.1} PGUSER=mastobak_loading"
LOAD="$LOAD PGPASSFILE=$DUMP/password"
$PG createdb --template=template0 --owner=mastobak_loading @LOCALE@mastobak_loading
```

If createdb does not know the locale: `dpkg-reconfigure locales`, then restart PostgreSQL.

Only a superuser may create event triggers, publications, foreign servers and the like. They are
left out, and listed here; their SQL is in `$WORK/left-out.sql`: read it before you run any of it.

```sh database-list
LEFT_OUT='EVENT TRIGGER|FOREIGN DATA WRAPPER|SERVER|USER MAPPING|FOREIGN TABLE|ACCESS METHOD'
LEFT_OUT="$LEFT_OUT|OPERATOR CLASS|OPERATOR FAMILY|TEXT SEARCH PARSER|TEXT SEARCH TEMPLATE"
LEFT_OUT="$LEFT_OUT|PROCEDURAL LANGUAGE|PUBLICATION|SUBSCRIPTION|TRANSFORM|SECURITY LABEL|DEFAULT ACL"
LEFT_OUT="^[0-9]+; [0-9]+ [0-9]+ (COMMENT - |ACL - )?($LEFT_OUT|COMMENT - EXTENSION) "
{ @READ_DUMP@ || true; } 2> /dev/null | $PG pg_restore --list > "$WORK/all"
grep -Ev "$LEFT_OUT" "$WORK/all" | $PG tee "$DUMP/list" > /dev/null
grep -E "$LEFT_OUT" "$WORK/all" | $PG tee "$DUMP/left-out" || true
if test -s "$DUMP/left-out"; then
    { @READ_DUMP@ || true; } 2> /dev/null |
        $PG pg_restore --use-list="$DUMP/left-out" --file=- > "$WORK/left-out.sql"
fi
```

```sh database-restore
@READ_DUMP@ | $LOAD pg_restore --exit-on-error --no-owner --no-privileges \
    --no-tablespaces --use-list="$DUMP/list" --dbname=mastobak_loading
```

Instead, faster on several processors, with room for @DUMP@ in `$DUMP`:

```sh database-restore-parallel
@READ_DUMP@ | $PG tee "$DUMP/database.dump" > /dev/null
$LOAD pg_restore --jobs="$(nproc)" --exit-on-error --no-owner --no-privileges \
    --no-tablespaces --use-list="$DUMP/list" --dbname=mastobak_loading "$DUMP/database.dump"
rm "$DUMP/database.dump"
```

If it stops, begin again at the first block of this chapter, after you have removed the cause:

- `mastobak_loading` may not log in: put `host all mastobak_loading 127.0.0.1/32
  scram-sha-256` into `pg_hba.conf` as its first line, and reload PostgreSQL; remove it at the end;
- it stops at an extension that you know: create it before pg_restore, as a superuser and by name,
  `$PG psql --dbname=mastobak_loading --command='CREATE EXTENSION …'`;
- it stops at the rows of a table that such an extension has made (`permission denied for table`):
  `$PG psql --dbname=mastobak_loading --command='GRANT SELECT, INSERT ON … TO mastobak_loading'`;
- it stops at anything else that the role may not create: remove its line from `$DUMP/list` first;
- it stops because a function does not find a table or another function: remove the line of that
  index, constraint or materialized view, and create it at the end;
- it stops at the rows of a table (`COPY failed for table`) because a generated column of the table
  calls a function that reads another table: set `LATE` to the schema and the name of the table, and
  use the block below, which loads these rows last and needs room for @DUMP@ in `$DUMP`;
- it stops at `transaction_timeout`: pg_restore is newer than the server; use the one of the
  server's version, in `/usr/lib/postgresql/*/bin`;
- it stops at a unique index: the old database was damaged, often by a change of the collation; omit
  `--exit-on-error`, and repair what it reports.

```sh database-restore-late
if test -n "${LATE-}"; then   # LATE='public NAME'
    grep -vF " TABLE DATA $LATE " "$DUMP/list" > "$WORK/list"
    grep -F " TABLE DATA $LATE " "$DUMP/list" >> "$WORK/list"
    $PG tee "$DUMP/list" < "$WORK/list" > /dev/null
    @READ_DUMP@ | $PG tee "$DUMP/database.dump" > /dev/null
    $LOAD pg_restore --exit-on-error --no-owner --no-privileges \
        --no-tablespaces --use-list="$DUMP/list" --dbname=mastobak_loading "$DUMP/database.dump"
    rm "$DUMP/database.dump"
fi
```

Then the planner's statistics, and the proof: every table has as many rows as at the backup.

```sh database-check
$LOAD PGOPTIONS='-c client_min_messages=error' psql --no-psqlrc --quiet --dbname=mastobak_loading \
    --command='ANALYZE'
sed -n '/^    "rows": {/,/^    }/s/^ *"\(.*\)": \([0-9]*\),\{0,1\}$/\1 \2/p' manifest.json |
    LC_ALL=C sort > "$WORK/rows-then"
$LOAD psql --no-psqlrc --tuples-only --no-align --dbname=mastobak_loading << 'SQL' \
    > "$WORK/rows-unsorted"
SELECT n.nspname || '.' || c.relname || ' ' || (xpath('/row/n/text()', query_to_xml(
    format('SELECT count(*) AS n FROM %I.%I', n.nspname, c.relname), false, true, '')))[1]::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
SQL
LC_ALL=C sort "$WORK/rows-unsorted" > "$WORK/rows-now"
LC_ALL=C comm -23 "$WORK/rows-then" "$WORK/rows-now" | tee "$WORK/rows-lost"
if test -s "$WORK/rows-then" -a ! -s "$WORK/rows-lost"; then
    echo "every table has its rows"
else
    echo "ROWS ARE MISSING: $WORK/rows-lost has the counts that were, $WORK/rows-now those that are" >&2
    false
fi
```
)md";

const char* const mastodons_role = R"md(
Mastodon logs in as another role than the owner of the database, '@MASTODON_ROLE@':

```sh database-grant
MASTODON_ROLE=${MASTODON_ROLE-@MASTODON_ROLE_SH@}
$PG createuser -- "$MASTODON_ROLE" || echo "if the role exists already, continue"
$LOAD psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=role="$MASTODON_ROLE" \
    --dbname=mastobak_loading << 'SQL'
SET search_path = pg_catalog;
SELECT format('GRANT USAGE, CREATE ON SCHEMA %1$I TO %2$I', nspname, :'role'),
    format('GRANT ALL ON ALL TABLES IN SCHEMA %1$I TO %2$I', nspname, :'role'),
    format('GRANT ALL ON ALL SEQUENCES IN SCHEMA %1$I TO %2$I', nspname, :'role')
FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' \gexec
SQL
```
)md";

const char* const database_end = R"md(
Finally, all objects are given to `$ROLE`, and the database gets its name. If a database of that
name exists already, rename it first (`ALTER DATABASE … RENAME TO …`) rather than drop it.

```sh database-finish
$PG psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=role="$ROLE" \
    --dbname=mastobak_loading << 'SQL'
SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = :'role' \gset
\if :rolsuper
DO $$ BEGIN RAISE 'no superuser may own what a dump has made: name Mastodon''s role in ROLE'; END $$;
\endif
REASSIGN OWNED BY mastobak_loading TO :"role";
DROP OWNED BY mastobak_loading;
SQL
$PG psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=database="$DATABASE" \
    --dbname=postgres << 'SQL'
ALTER DATABASE mastobak_loading RENAME TO :"database";
DROP ROLE mastobak_loading;
SQL
$PG rm -r "$DUMP"
```

If `.env.production` has a DB_PASS, give it to the role: `$PG psql --set=role="$ROLE"`, then
`\password :"role"`.
)md";

const char* const media = R"md(
## 4. Media files

The index says which files were there, and which pack has each@INDEX_NOTE@. First files and
symlinks:

```sh media
mkdir -p "$MEDIA" "$WORK/lists"
@READ_INDEX@ > "$WORK/index"
awk -F'\t' '$1 == "f" || $1 == "l" { print $10 "\t" $2 }' "$WORK/index" |
    LC_ALL=C sort -s -t "$(printf '\t')" -k 1,1 |
    awk -F'\t' -v lists="$WORK/lists/" '
        $1 != pack { if (pack != "") close(lists pack); pack = $1 }
        { print $2 > (lists pack) }'
for list in "$WORK"/lists/*; do
    test -e "$list" || continue   # a tree without any file
    echo "${list##*/}"
    (umask 0 && LC_ALL=C tar -x --no-same-permissions --no-recursion --xattrs \
        --xattrs-include='user.*' -C "$MEDIA" -T "$list" -f "../../media/${list##*/}")
done
```

(With these options no file becomes set-user-ID or set-group-ID; its other permissions are as they
were.)

Then files whose contents are in another file's member (type `c`; they are its last bytes), hard
links, the owners, modes and times of directories, and the exact times of files:

```sh media-directories
perl - "$WORK/index" "$MEDIA" "$(cd ../../media && pwd)" << 'PERL'
use strict;
use warnings;
my ($index, $media, $packs) = @ARGV;
my $set_times = eval { require Time::HiRes; Time::HiRes->can('utime') }
    || sub { utime(int $_[0], int $_[1], $_[2]) };
my %named = ('\\' => '\\', n => "\n", t => "\t");
sub bytes {
    my ($text) = @_;
    $text =~ s/\\(\\|n|t|[0-7]{3})/$named{$1} || chr oct $1/ge;
    return $text;
}
sub copy {
    my ($pack, $end, $size, $path) = @_;
    open my $from, '<:raw', "$packs/$pack" or die "$pack: $!\n";
    open my $to, '>:raw', $path or die "$path: $!\n";
    seek $from, $end - $size - -$size % 512, 0 or die "$pack: $!\n";
    while ($size > 0) {
        my $read = read $from, my $block, $size < 1048576 ? $size : 1048576;
        die "$pack: it is truncated\n" unless $read;
        print $to $block or die "$path: $!\n";
        $size -= $read;
    }
    close $to or die "$path: $!\n";
}
sub set_time {
    my ($path, $mtime) = @_;
    $set_times->($mtime / 1e9, $mtime / 1e9, $path) or die "$path: $!\n";
}
sub set_status {
    my ($path, $mode, $uid, $gid, $mtime) = @_;
    chown $uid, $gid, $path or die "$path: $!\n";
    chmod oct($mode) & (-d $path ? 01777 : 0777), $path or die "$path: $!\n";
    set_time($path, $mtime);
}
open my $lines, '<', $index or die "$index: $!\n";
chdir $media or die "$media: $!\n";
my @directories;
while (<$lines>) {
    chomp;
    my @column = split /\t/;
    next unless @column == 14;
    my $path = bytes($column[1]);
    if ($column[0] eq 'd') {
        -d $path or mkdir $path, 0700 or die "$path: $!\n";
        push @directories, [$path, @column[2, 3, 4, 6]];
    } elsif ($column[0] eq 'f') {
        set_time($path, $column[6]);
    } elsif ($column[0] eq 'c') {
        copy($column[9], $column[10] + $column[11], $column[5], $path);
        set_status($path, @column[2, 3, 4, 6]);
    } elsif ($column[0] eq 'h') {
        link(bytes($column[13]), $path) or $!{EEXIST} or die "$path: $!\n";
    }
}
set_status(@$_) for reverse @directories;
PERL
```

The proof, which reads every file again:

```sh media-check
perl - "$WORK/index" << 'PERL' > "$WORK/media.sha256"
my %named = ('\\' => '\\\\', n => '\n', t => "\t");
while (<>) {
    chomp;
    my @column = split /\t/;
    next unless @column == 14 && $column[0] =~ /^[fc]$/;
    # sha256sum wants backslashes and line feeds escaped, and a backslash before such a line.
    $column[1] =~ s/\\(\\|n|t|[0-7]{3})/$named{$1} || chr oct $1/ge;
    print $column[1] =~ /\\/ ? '\\' : '', "$column[12]  ./$column[1]\n";
}
PERL
if test -s "$WORK/media.sha256"; then
    (cd "$MEDIA" && sha256sum --check --quiet --strict "$WORK/media.sha256") &&
        echo "every media file is what it was"
fi
```

`$MEDIA` itself has to be mastodon's, too (`chown mastodon:mastodon "$MEDIA"`). Files have been given
to users by name, directories and files of type `c` by number. If mastodon's number differs
from the old one (the old ones: `awk -F'\t' 'NF == 14 { print $4 }' "$WORK/index" | sort | uniq -c`):

    chown -R -h --from=OLD_NUMBER mastodon:mastodon "$MEDIA"

Never run `tootctl media remove-orphans` on a restored instance: it deletes what it cannot explain.
)md";

}  // namespace mastobak::store::restore_text
