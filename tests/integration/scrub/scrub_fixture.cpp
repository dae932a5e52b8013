// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub_fixture.hpp"

#include <fstream>

#include "media/index/index_reader.hpp"
#include "support/catch.hpp"
#include "support/index_of.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

ScrubFixture::ScrubFixture() {
    std::string text;
    for (int i = 0; text.size() < 3000; ++i) text += std::to_string(i) + " ";
    write(media / "plain.bin", text);
    publish(set);
    write(media / "later.txt", "what came later\n");
    publish(later);
    config.staging.path = staging.root();
    config.state_directory = directory / "state";
    fs::create_directory(config.state_directory);
    fs::create_directory(disk);
    fs::copy(staging.sets(), disk / "sets", fs::copy_options::recursive);
    fs::copy(staging.media(), disk / "media", fs::copy_options::recursive);
    config::Remote remote;
    remote.name = "disk";
    remote.type = config::RemoteType::directory;
    remote.target = disk;
    config.offsite = {remote};
}

std::unique_ptr<scrub::Place> ScrubFixture::staging_place() const {
    return scrub::place_of_staging(config, directory / "scratch");
}

std::unique_ptr<scrub::Place> ScrubFixture::remote_place(const scrub::ReadingOfRemote& how) const {
    return scrub::place_of_remote(config, config.offsite.front(), directory / "scratch", how);
}

scrub::Services ScrubFixture::services(std::stop_token stop) {
    scrub::Services services{config, clock, directory / "scratch", {}, std::move(stop)};
    services.progress = [this](const scrub::ReadProgress& now) {
        if (!now.object.empty() && (read.empty() || read.back() != now.object))
            read.push_back(now.object);
    };
    return services;
}

scrub::Report ScrubFixture::verify(const scrub::ReadingOfRemote& how) {
    const auto place = remote_place(how);
    return scrub::verify_sets(services(), *place, place->set_names({}));
}

scrub::Report ScrubFixture::slice(scrub::Place& place) {
    return scrub::scrub_slice(services(), place, std::chrono::hours(24 * 90));
}

std::string ScrubFixture::pack() const {
    media::IndexReader index(index_of(staging, set));
    while (const auto* entry = index.next())
        if (entry->path == "plain.bin") return entry->pack;
    FAIL("the set has no plain.bin");
    return {};
}

void ScrubFixture::flip(const fs::path& file, std::uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
    REQUIRE(stream.good());
}

media::Entry ScrubFixture::flip_member(const fs::path& root, const std::string& path) const {
    media::IndexReader index(index_of(staging, set));
    while (const auto* entry = index.next()) {
        if (entry->path != path) continue;
        // The contents are at the end of the member, except for padding.
        flip(root / "media" / entry->pack, entry->offset + entry->stored - 512);
        return *entry;
    }
    FAIL("not in the index: " << path);
    return {};
}

}  // namespace mastobak::test
