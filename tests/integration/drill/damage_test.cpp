// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "drill_fixture.hpp"
#include "drill_night.hpp"
#include "integration/postgres/fixture.hpp"
#include "media/index/index_reader.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// A damage of a file: one byte is changed, or bytes are missing or added.
struct Damage {
    enum class Kind { flip, cut, extend };
    fs::path file;
    std::string where;  ///< place in the file, for messages
    Kind kind = Kind::flip;
    std::uint64_t at = 0;     ///< offset of the byte; for a cut, the number of bytes that are left
    std::string more{};       ///< the bytes that are added
    bool in_member = false;   ///< a sample may not contain the byte
    bool in_padding = false;  ///< only the hash of the whole pack covers the byte

    void apply() const {
        auto bytes = read(file);
        switch (kind) {
            case Kind::flip:
                bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
                break;
            case Kind::cut:
                bytes.resize(at);
                break;
            case Kind::extend:
                bytes += more;
                break;
        }
        write(file, bytes);
    }
};

class DamageFixture : public DrillFixture {
 public:
    DamageFixture() {
        sign = true;
        options.memory = directory / "memory";
    }

    /// Returns damages of each kind of byte in each kind of file.
    /// \param steps number of evenly spread bytes in a file without parts of its own
    std::vector<Damage> damages(std::uint64_t steps) const {
        std::vector<Damage> all;
        for (const auto* name :
             {"manifest.json", "SHA256SUMS", "SHA256SUMS.sig", "database.dump.zst",
              "config.tar.zst", "media.index.zst", "media.index.parts.zst", "RESTORE.md"}) {
            const auto file = part(name);
            const auto size = fs::file_size(file);
            all.push_back({file, "first byte", Damage::Kind::flip, 0});
            all.push_back({file, "frame header or text", Damage::Kind::flip, 5});
            for (std::uint64_t step = 1; step <= steps; ++step)
                all.push_back({file, fmt::format("{} of {}", step, steps + 1), Damage::Kind::flip,
                               size * step / (steps + 1)});
            all.push_back({file, "last byte", Damage::Kind::flip, size - 1});
            all.push_back({file, "last byte but four", Damage::Kind::flip, size - 5});
            all.push_back({file, "cut by a byte", Damage::Kind::cut, size - 1});
            all.push_back({file, "cut to a half", Damage::Kind::cut, size / 2});
            all.push_back({file, "empty", Damage::Kind::cut, 0});
            all.push_back({file, "a line feed more", Damage::Kind::extend, 0, "\n"});
            all.push_back({file, "zeros more", Damage::Kind::extend, 0, std::string(512, '\0')});
        }
        // The signature does not cover the number of the key.
        const auto signature = part("SHA256SUMS.sig");
        all.push_back(
            {signature, "number of the key", Damage::Kind::flip, read(signature).find('\n') + 6});
        add_lines_of_sums(all);
        add_packs(all);
        return all;
    }

    /// Damages a file, makes a drill, and repairs the file.
    restore::DrillReport drill_damaged(const Damage& damage) {
        const auto bytes = read(damage.file);
        damage.apply();
        auto report = drill();
        write(damage.file, bytes);
        return report;
    }

    /// Returns whether the report names the damaged file, or a file in it.
    static bool names(const restore::DrillReport& report, const Damage& damage) {
        const auto problems = problems_of(report);
        return contains(problems, damage.file.filename().native()) ||
               (damage.in_member && contains(problems, ".mp3"));
    }

 private:
    void add_lines_of_sums(std::vector<Damage>& all) const {
        const auto file = part("SHA256SUMS");
        const auto text = read(file);
        const auto of_pack = text.find("../../media/");
        REQUIRE(of_pack != std::string::npos);
        all.push_back({file, "hash of a pack", Damage::Kind::flip, of_pack - 10});
        all.push_back({file, "name of a pack", Damage::Kind::flip, of_pack + 14});
        const auto last_line = text.rfind('\n', text.size() - 2) + 1;
        all.push_back({file, "a line less", Damage::Kind::cut, last_line});
        all.push_back({file, "a line twice", Damage::Kind::extend, 0, text.substr(last_line)});
        all.push_back(
            {file, "a line more", Damage::Kind::extend, 0, std::string(64, 'a') + "  another\n"});
    }

    void add_packs(std::vector<Damage>& all) const {
        media::IndexReader reader(part("media.index.zst"));
        std::vector<media::Entry> entries;
        while (const auto* entry = reader.next())
            if (entry->type == media::EntryType::file) entries.push_back(*entry);
        REQUIRE(entries.size() == 20);
        for (const auto i : {0U, 7U, 19U}) {
            const auto& entry = entries[i];
            const auto pack = staging.media() / entry.pack;
            const auto in = [&](const char* where, std::uint64_t at, bool padding = false) {
                all.push_back({pack,
                               fmt::format("{} of file {}", where, i),
                               Damage::Kind::flip,
                               entry.offset + at,
                               {},
                               true,
                               padding});
            };
            const auto data = entry.stored - (entry.size + 511) / 512 * 512;
            in("name", 0);
            in("checksum", data - 512 + 150);
            in("size", data - 512 + 130);
            in("data", data);
            in("last byte", data + entry.size - 1);
            in("padding", entry.stored - 1, true);
        }
        const auto file = pack();
        const auto size = fs::file_size(file);
        all.push_back({file, "trailer", Damage::Kind::flip, size - 1024});
        all.push_back({file, "last byte", Damage::Kind::flip, size - 1});
        all.push_back({file, "cut by a byte", Damage::Kind::cut, size - 1});
        all.push_back({file, "no trailer", Damage::Kind::cut, size - 1024});
        all.push_back({file, "empty", Damage::Kind::cut, 0});
        all.push_back({file, "a byte more", Damage::Kind::extend, 0, std::string(1, '\0')});
        all.push_back({file, "a slot more", Damage::Kind::extend, 0, std::string(512, '\0')});
    }
};

}  // namespace

TEST_CASE_METHOD(DamageFixture, "a drill of everything names every damaged byte") {
    publish(night);
    options.media_sample = 1;
    {
        const auto report = drill();
        CHECK(problems_of(report) == "");
        CHECK(report.proven());
        CHECK(check_of(report, "packs").by_size == postgres::Amount{});
        CHECK(check_of(report, "media").read.count == 20);
    }
    const auto all = damages(1);
    CHECK(all.size() >= 90);
    for (const auto& damage : all) {
        if (damage.file.filename() == "database.dump.zst") {
            CAPTURE(damage.where);
            CHECK(names(drill_damaged(damage), damage));
        }
    }
    without_dump();  // the other files need no server
    for (const auto& damage : all) {
        if (damage.file.filename() == "database.dump.zst") continue;
        const auto report = drill_damaged(damage);
        CAPTURE(damage.file.filename().native(), damage.where, problems_of(report));
        CHECK(names(report, damage));
    }
}

TEST_CASE_METHOD(DamageFixture, "a drill of a sample reports which media it has not read") {
    publish(night);
    without_dump();
    options.media_sample = 0.2;
    options.media_minimum = 2;
    unsigned not_seen = 0, seen = 0;
    for (const auto& damage : damages(1)) {
        if (damage.file.filename() == "database.dump.zst") continue;
        fs::remove_all(options.memory);
        auto report = drill_damaged(damage);
        CAPTURE(damage.file.filename().native(), damage.where, problems_of(report));
        if (names(report, damage)) continue;
        ++not_seen;
        // Later drills reach this byte, within the number of drills that the report says. No drill
        // reads padding.
        REQUIRE(damage.in_member);
        REQUIRE(report.media);
        CHECK(report.media->ever.count < report.media->of.count);
        CHECK(check_of(report, "media").by_size.count > 0);
        CHECK(check_of(report, "packs").by_size.bytes.count > 0);
        REQUIRE(report.media->drills_left);
        for (auto left = *report.media->drills_left; left > 0 && !names(report, damage); --left)
            report = drill_damaged(damage);
        CHECK(names(report, damage) != damage.in_padding);
        if (damage.in_padding) CHECK(report.media->drills_left == 0U);
        ++seen;
    }
    CHECK(not_seen > 0);
    CHECK(seen == not_seen);
}

TEST_CASE_METHOD(DamageFixture, "all damage is named beside a database that is whole", "[.long]") {
    publish(night);
    options.media_sample = 1;
    for (const auto& damage : damages(20)) {
        const auto report = drill_damaged(damage);
        CAPTURE(damage.file.filename().native(), damage.where, problems_of(report));
        CHECK(names(report, damage));
        CHECK_FALSE(report.proven());
    }
}
