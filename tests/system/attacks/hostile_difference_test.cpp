// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

constexpr auto staging = "/var/lib/mastobak/staging";

/// A host whose daemon's user is hostile: it changes the newest set, whose dump is a difference,
/// and signs it with the host's key.
struct HostileDifference : AttackedHost {
    std::string set;

    HostileDifference() {
        back_up();
        REQUIRE(eventually(fmt::format("[[ $(date -u +%Y%m%dT%H%M%SZ) > {} ]]", sets().back())));
        back_up();
        set = sets().back();
        sh(fmt::format("test -s {}; cp -a {} /root/good", path("database.difference"), staging));
    }
    std::string path(const std::string& file) const {
        return fmt::format("{}/sets/{}/{}", staging, set, file);
    }
    void sign() const {
        sh(
            fmt::format("cp /var/lib/mastobak/signing.key /root/key.sec; cd {}; rm SHA256SUMS.sig; "
                        "signify-openbsd -S -s /root/key.sec -m SHA256SUMS -x SHA256SUMS.sig; "
                        "chown -R mastobak: .",
                        path("")));
    }
    /// Runs a command that reads the dump, in 1 GiB of memory. It has to fail by itself, with a
    /// message that contains `words`.
    void fails(const std::string& command, const std::string& words, int seconds = 60) const {
        const auto done =
            admin("systemd-run --quiet --pipe --wait -p MemoryMax=1G -p MemorySwapMax=0 " + command,
                  seconds);
        INFO(command << ": " << done.text);
        CHECK(done.status > 0);
        CHECK(done.status < 128);
        CHECK(done.text.find(words) != std::string::npos);
        CHECK(done.text.find_first_of("\x1b\x07") == std::string::npos);
    }
    /// Checks that the changed set is refused before a database is created, and restores the good
    /// one.
    void is_refused(const std::string& what, const std::string& words) const {
        INFO(what);
        fails("mastobak restore " + set + " --database beside --yes", words);
        fails("mastobak verify " + set, words);
        CHECK(sh("psql -XAtq -h /run/postgresql -U postgres -c "
                 "\"SELECT count(*) FROM pg_database WHERE datname = 'beside'\"") == "0");
        sh(fmt::format("rm -rf {0}; cp -a /root/good {0}", staging));
    }
};

/// Python code that changes the lines of the list, of which line 3 is the first segment.
constexpr auto prepare = R"(
lines = open('database.difference.list').read().splitlines()
def change(line, field, value):
    fields = lines[line].split()
    fields[field] = str(value)
    lines[line] = ' '.join(fields)
def bomb():
    frame = subprocess.run('head -c 1G /dev/zero | zstd -q -c', shell=True, check=True,
                           stdout=subprocess.PIPE).stdout
    lines[3:] = [f'segment 0 {1 << 24} 0 0 0 {len(frame)}']
    change(2, 1, 1 << 24)
    open('database.difference', 'wb').write(frame)
)";
constexpr auto write = R"(
open('database.difference.list', 'w').write('\n'.join(lines) + '\n')
)";

}  // namespace

TEST_CASE_METHOD(HostileDifference, "a hostile difference that is signed is refused, and bounded") {
    const std::vector<std::pair<std::string, std::string>> attacks{
        {"a range beyond the base", "change(3, 3, 2**59)"},
        {"a range of terabytes", "change(3, 4, 2**42)"},
        {"a segment of terabytes", "change(3, 2, 2**42)"},
        {"a dump of terabytes", "change(2, 1, 2**42)"},
        {"segments that overlap", "lines[4:4] = [lines[3]]"},
        {"another base", "lines[1] = lines[1].replace('base 2', 'base 1')"},
        {"a path as the name of a base", "change(1, 1, '../../../../../etc/shadow')"},
        {"a name that a terminal obeys", "change(1, 1, '\x1b]0;PWNED\x07')"},
        {"an endless list", "lines += lines[-1:] * 1000000"},
        {"a frame of a gigabyte", "bomb()"},
    };
    for (const auto& [what, python] : attacks) {
        forge(fmt::format("{}/sets/{}", staging, set), prepare + python + write);
        sign();
        // A drill reads the dump with the same code; its server takes time.
        if (&python == &attacks.back().second)
            fails("mastobak drill " + set + " --standalone", "database.difference", 300);
        is_refused(what, "database.difference");
    }
}

TEST_CASE_METHOD(HostileDifference,
                 "what is in the place of a difference or a base is not opened") {
    const auto base = sh(fmt::format("ls {}/database/*", staging));
    for (const auto& victim : {path("database.difference"), path("database.difference.list"), base})
        for (const std::string made :
             {"mkfifo $it", "ln -s /dev/zero $it", "ln -s /etc/shadow $it", "mkdir $it"}) {
            as("mastobak", fmt::format("it={}; rm $it; {}", victim, made));
            is_refused(made + " for " + victim, victim.substr(victim.rfind('/') + 1));
        }
}
