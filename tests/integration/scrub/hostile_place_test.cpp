// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "fake_place.hpp"
#include "scrub/read_objects.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// A remote that lists its objects with the right sizes, but sends what it wants of one pack.
struct HostileFixture : FakeFixture {
    const std::string object = "media/" + pack();
    const std::string text = fake.objects().at(object);
    std::uint64_t sent = 0;

    void send(const offsite::TakeBlock& take, std::size_t offset, std::size_t size) {
        sent += size;
        take(std::as_bytes(std::span(text)).subspan(offset, size));
    }
    void send_too_much() {
        fake.read_by(object, [this](const auto& part, const auto& take) {
            send(take, part.offset.count, part.length.count);
            send(take, 0, 1);
        });
    }
    void send_too_little() {
        fake.read_by(object, [this](const auto& part, const auto& take) {
            send(take, part.offset.count, part.length.count - 1);
        });
    }
    void send_nothing() {
        fake.read_by(object, [](const auto&, const auto&) {});
    }
    void never_end() {
        fake.read_by(object, [this](const auto&, const auto& take) {
            for (;;) send(take, 0, 4096);
        });
    }
    scrub::Record record() const {
        return scrub::read_ledger(config.state_directory, "disk").objects[object];
    }
    scrub::Report verify() { return scrub::verify_sets(services(), *place(), {set, later}); }
    /// Refuses what the remote sends with this line, and counts it as damage at the third time.
    void check_refused(const std::string& line) {
        for (int attempt = 1; attempt <= 3; ++attempt) {
            CAPTURE(attempt);
            const auto report = verify();
            REQUIRE(report.unread.size() == 1);
            CHECK(report.unread.front().first == object);
            CHECK(report.unread.front().second == line);
            CHECK(report.damaged.empty());
            CHECK(record().failures == attempt);
            CHECK(record().damage.has_value() == (attempt == 3));
        }
        REQUIRE(record().damage);
        CHECK(record().damage->problem == "it cannot be read: " + line);
        CHECK(record().damage->good_copy == "staging");
    }
};

}  // namespace

TEST_CASE_METHOD(HostileFixture, "a remote that sends more than was asked for is refused") {
    send_too_much();
    check_refused(
        fmt::format("the remote 'disk' sent more than {} bytes of '{}'", text.size(), object));
    CHECK(sent == 3 * (text.size() + 1));
}

TEST_CASE_METHOD(HostileFixture, "a remote that sends without end is refused") {
    never_end();
    // What came of the object's length is kept, so the first attempt is progress.
    CHECK(verify().unread.size() == 1);
    REQUIRE(record().partial);
    check_refused(fmt::format("the remote 'disk' sent more than {} bytes of '{}'",
                              text.size() - record().partial->hash.bytes, object));
    CHECK(sent <= 4 * (text.size() + 4096));
}

TEST_CASE_METHOD(HostileFixture, "a remote that sends less than was asked for is refused") {
    const auto line = [&](std::size_t came, std::size_t of) {
        return fmt::format("the remote 'disk' sent {} instead of {} bytes of '{}'", came, of,
                           object);
    };
    SECTION("nothing") {
        send_nothing();
        check_refused(line(0, text.size()));
    }
    SECTION("one byte less") {
        send_too_little();
        check_refused(line(text.size() - 1, text.size()));
    }
}

TEST_CASE_METHOD(HostileFixture,
                 "the scrub refuses what it has not asked for, and reads the rest") {
    never_end();
    constexpr int most_slices = 60;
    for (int i = 0; i < most_slices && !record().damage; ++i) {
        slice(*place());
        clock.advance(std::chrono::hours(2));
    }
    REQUIRE(record().damage);
    CHECK_THAT(record().damage->problem, Catch::Matchers::Contains("sent more than"));
}

namespace {

/// A place whose object of several pieces it sends as the test wants.
class PlaceOfOne final : public scrub::Place {
 public:
    explicit PlaceOfOne(FakeRemote::Send send) : send_(std::move(send)) {}
    const std::string& id() const override { return id_; }
    restore::SetSource& sets() override { throw Error(Errc::internal, "not asked for"); }
    std::vector<std::string> set_names(std::stop_token) override { return {}; }
    std::optional<Bytes> size_of(const std::string&, std::stop_token) override { return size; }
    void read(const offsite::Part& part, const offsite::TakeBlock& take, std::stop_token) override {
        send_(part, take);
    }
    std::optional<scrub::Finding> compare(const std::string&, const scrub::Wanted&,
                                          std::stop_token) override {
        return std::nullopt;
    }
    Digest fetch(const std::string&, Bytes, const std::filesystem::path&,
                 std::stop_token) override {
        return {};
    }

    static constexpr Bytes size{std::uint64_t{300} << 20};

 private:
    const std::string id_ = "far";
    const FakeRemote::Send send_;
};

/// Reads the object until it is checked or `attempts` are used up.
/// \return the number of attempts
int read_again(PlaceOfOne& place, const Digest& sha256, int attempts,
               std::vector<scrub::Finding>& findings) {
    scrub::Partials partials;
    scrub::ReadOptions options{Timestamp{std::chrono::hours(1)}};
    options.found = [&](const auto&, const auto&, const scrub::Finding& finding) {
        findings.push_back(finding);
    };
    int used = 0;
    while (findings.empty() && used < attempts) {
        ++used;
        scrub::read_objects(place, {{"media/x.tar", {PlaceOfOne::size, sha256, {}}}}, options,
                            partials, {});
    }
    return used;
}

void send_zeros(const offsite::TakeBlock& take, std::uint64_t size) {
    static const std::vector<std::byte> zeros(std::size_t{4} << 20);
    for (; size > 0; size -= std::min<std::uint64_t>(size, zeros.size()))
        take(std::span(zeros).first(std::min<std::uint64_t>(size, zeros.size())));
}

Digest digest_of_zeros() {
    Sha256 hash;
    send_zeros([&hash](auto block) { hash.update(block); }, PlaceOfOne::size.count);
    return hash.finish();
}

}  // namespace

TEST_CASE("an object that is sent with surplus between its pieces is not damaged by that") {
    bool surplus = true;
    PlaceOfOne place([&](const offsite::Part& part, const offsite::TakeBlock& take) {
        send_zeros(take, part.length.count);
        if (std::exchange(surplus, false)) send_zeros(take, 1);
    });
    std::vector<scrub::Finding> findings;
    CHECK(read_again(place, digest_of_zeros(), 5, findings) == 2);
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().problem.empty());
}

TEST_CASE("an object that changes between its pieces has changed contents") {
    PlaceOfOne place([&](const offsite::Part& part, const offsite::TakeBlock& take) {
        send_zeros(take, part.length.count - 1);
        const std::byte last{part.offset.count > 0 ? std::uint8_t{1} : std::uint8_t{0}};
        take(std::span(&last, 1));
    });
    std::vector<scrub::Finding> findings;
    read_again(place, digest_of_zeros(), 1, findings);
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().problem == "its contents changed");
}

TEST_CASE("a piece of which nothing is sent is not asked for again and again") {
    int asked = 0;
    PlaceOfOne place([&](const offsite::Part&, const offsite::TakeBlock&) { ++asked; });
    std::vector<scrub::Finding> findings;
    CHECK(read_again(place, {}, 3, findings) == 3);
    CHECK(asked == 3);
}
