// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/restore_text.hpp"

namespace mastobak::store::restore_text {

const char* const beginning = R"md(# Restoring the backup set @SET@

This is the Mastodon of the host '@HOST@' as it was at @INSTANT@ (UTC): the
database '@DATABASE@' (PostgreSQL @SERVER@, @ROWS@ rows, schema @SCHEMA@), its media
(@FILES@ files, @BYTES@) and its configuration. Nothing below needs mastobak.

You need a Debian with `apt-get install postgresql zstd perl` (PostgreSQL @MAJOR@ or newer) and
Mastodon installed as its documentation says, in the version that this instance had, up to and
without `rake mastodon:setup`. Run the commands as root, in bash, one block after the other, in the
directory of this file: the packs are in `../../media/`, and the base of the dump is in
`../../database/`. Stop where one of them fails.

- Do not start Mastodon before the last step: sidekiq would begin to send mail and posts.
- Do not make new secrets: with others than those of the old `.env.production`, no user with
  two-factor authentication can log in, and other servers take the instance for an impostor.
- This set contains every secret of the instance. Only root should be able to read it.

Where things go; change it if this host is laid out differently:

```sh variables
MEDIA=${MEDIA-@MEDIA_SH@}   # has to be empty, or not there yet
CONFIG=${CONFIG-/root/mastodon-config}   # the configuration is unpacked here, to be looked through
DATABASE=${DATABASE-@DATABASE_SH@}   # is made
ROLE=${ROLE-@ROLE_SH@}   # Mastodon's role in the database
PG=${PG-env --chdir=/ runuser -u postgres --}   # how to become the superuser of PostgreSQL
WORK=$(mktemp -d)
```
)md";

const char* const inconsistent = R"md(
**The database and the media files of this set are not of exactly one instant** (the consistency
was '@MODE@'). A few posts may lack their pictures.
)md";

const char* const check = R"md(
## 1. Check that nothing is damaged

```sh check
sha256sum --check --strict SHA256SUMS
```

To check only the set itself and its dump, without the packs in `../../media/`:

```sh check-set
grep -v ' \.\./\.\./media/.*\.tar$' SHA256SUMS | sha256sum --check --strict
```
)md";

const char* const signature = R"md(
Check also that no other host made the set: `SHA256SUMS` was signed, and covers all other files.
`PUBLIC_KEY` has to be the key that you kept when the backups began (`signing.pub`; package
`signify-openbsd`). The key in this file proves nothing, because an attacker who forges a set also
writes this file.

```sh check-signature
printf 'untrusted comment: mastobak public key\n%s\n' "${PUBLIC_KEY-@KEY@}" > "$WORK/signing.pub"
if command -v signify-openbsd > /dev/null; then
    signify-openbsd -V -p "$WORK/signing.pub" -m SHA256SUMS
else
    echo "signify-openbsd is not installed: the signature was not checked"
fi
```
)md";

const char* const configuration = R"md(
## 2. Configuration

```sh config
mkdir -p -m 0700 "$CONFIG"
(umask 0 && tar --zstd -x --no-same-permissions -f config.tar.zst -C "$CONFIG")
find "$CONFIG" -type f
```

Copy to their places what this host needs, `.env.production` before all else (owner mastodon, mode
0600); then look through it for what is different here: addresses, DB_HOST, DB_PASS. Do not copy
certificates into letsencrypt's `live/`: order new ones. What is in it:

@CONFIG_FILES@
)md";

const char* const media_elsewhere = R"md(
## 4. Media files

They are **not in this set**: the configuration of mastobak said that they are elsewhere (an object
store, or a backup of their own). Restore or connect them as they were, before Mastodon is started.
)md";

const char* const containers = R"md(
The instance ran in containers of the project '@PROJECT@' of Docker Compose. To restore it into
containers, put its docker-compose.yml and `.env*` files back (step 2) and start only the database
and redis there: `docker compose up -d db redis`. After this block, the commands of step 3 use the
PostgreSQL of that container, and the host needs none. Leave the block out if the database is not
to be in a container.

```sh containers
DB=${DB-@DB_SH@}   # the container of PostgreSQL; `docker ps` shows it
in_container() {
    local run=(docker exec -i -u postgres -w / "$DB")
    if [ -t 0 ]; then "${run[@]}" "$@" < /dev/null; else "${run[@]}" "$@"; fi
}
PG=in_container
```
)md";

const char* const ending = R"md(
## 5. Start

If Mastodon is newer here than it was, first, as user mastodon in its directory:
`@BIN@rails db:migrate`. Redis may be empty. Then:

    systemctl start mastodon-web mastodon-streaming mastodon-sidekiq

and as user mastodon, in Mastodon's directory:
)md";

const char* const ending_containers = R"md(
## 5. Start

In the directory of docker-compose.yml. If Mastodon is newer here than it was, first:
`@BIN@rails db:migrate`. Redis may be empty. Then:

    docker compose up -d
)md";

const char* const feeds = R"md(
    @BIN@tootctl feeds build
    @BIN@tootctl search deploy    # only where Elasticsearch is used

Finally: `rm -r "$WORK"`, and make sure that backups of this host are made.
)md";

const char* const cache = R"md(
The files below `cache/` (other servers' media) are not in this set, but the database says that they
are there: pictures of other servers stay broken until Mastodon fetches them again. Like the commands
above:

    @BIN@tootctl media remove --days 0
    @BIN@tootctl preview_cards remove --days 0
    @BIN@tootctl accounts refresh --all

Remote custom emojis have no such command: they come back when their servers next change them.
)md";

}  // namespace mastobak::store::restore_text
