// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore_fixture.hpp"

#include <algorithm>

#include "media/index/index_reader.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "support/catch.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

restore::MediaOptions RestoreFixture::options(std::vector<std::string> paths) const {
    return {.index = staging.set(set) / "media.index.zst",
            .target = target,
            .scratch = directory / "scratch",
            .selection = restore::Selection(std::move(paths))};
}

restore::MediaReport RestoreFixture::restore(std::vector<std::string> paths) const {
    return restore_as(options(std::move(paths)));
}

restore::MediaReport RestoreFixture::restore_as(const restore::MediaOptions& options) const {
    restore::PackDirectory packs(staging.media());
    auto report = restore::restore_media(options, packs, {}, {});
    CHECK_FALSE(fs::exists(directory / "scratch"));
    return report;
}

media::Entry RestoreFixture::entry(const std::string& path) const {
    media::IndexReader index(staging.set(set) / "media.index.zst");
    while (const auto* found = index.next())
        if (found->path == path) return *found;
    FAIL("not in the index: " << path);
    return {};
}

std::vector<std::string> RestoreFixture::restored() const {
    std::vector<std::string> paths;
    for (const auto& found : fs::recursive_directory_iterator(target))
        paths.push_back(found.path().lexically_relative(target));
    std::sort(paths.begin(), paths.end());
    return paths;
}

config::Remote RestoreFixture::sent_to(const S3StandIn& store) const {
    write(directory / "rclone.conf", store.rclone_section("s3"));
    config::Remote remote;
    remote.name = "s3";
    remote.type = config::RemoteType::rclone;
    remote.target = "s3:b/path";
    remote.rclone_config = directory / "rclone.conf";
    fs::create_directories(directory / "scratch-of-upload");
    const auto uploads = offsite::make_remote(remote, directory / "scratch-of-upload");
    for (const auto& place : {fs::path("sets") / set, fs::path("media")})
        for (const auto& file : fs::directory_iterator(staging.root() / place))
            uploads->put({place / file.path().filename(), file.path(), Bytes{file.file_size()},
                          sha256_of_file(file.path())},
                         {}, {});
    return remote;
}

}  // namespace mastobak::test
