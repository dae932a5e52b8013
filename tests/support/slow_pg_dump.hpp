// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mastobak::test {

/// A script for a throwaway host. It makes /opt/slow/pg_dump, which waits while /run/held exists,
/// and then runs the real one. It does not wait in the preflight, which dumps only definitions.
inline constexpr auto make_slow_pg_dump = R"(
bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
install -d -m 755 /opt/slow
install -d -m 777 /run/held
ln -sf $bin/pg_restore /opt/slow/pg_restore
cat > /opt/slow/pg_dump <<SH
#!/bin/sh
case " \$* " in *" --version "* | *" --schema-only "*) ;; *)
    while [ -e /run/held ]; do sleep 0.05; done ;;
esac
exec $bin/pg_dump "\$@"
SH
chmod 755 /opt/slow/pg_dump
)";

}  // namespace mastobak::test
