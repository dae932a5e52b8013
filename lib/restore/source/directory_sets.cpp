// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <optional>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "restore/source/checked_files.hpp"
#include "restore/source/remote_packs.hpp"
#include "restore/source/set_source.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/staging.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

class DirectorySets : public SetSource {
 public:
    DirectorySets(fs::path directory, std::vector<config::Remote> remotes, fs::path scratch)
        : staging_(std::move(directory)),
          name_(fmt::format("'{}'", staging_.root().native())),
          remotes_(std::move(remotes)),
          scratch_(std::move(scratch)) {}

    const std::string& name() const override { return name_; }

    std::vector<std::string> list(std::stop_token) override { return staging_.list(); }

    store::Manifest manifest(const std::string& set, std::stop_token) override {
        const auto directory = staging_.set(set);
        const auto sums = read_file(directory / "SHA256SUMS", Errc::corrupt, store::largest_sums);
        const auto signature = directory / store::signature_name;
        std::error_code error;
        std::optional<std::string> signed_there;
        if (fs::exists(signature, error))
            signed_there = read_file(signature, Errc::corrupt, signify::largest_file);
        note_signature(sums, std::move(signed_there));
        return checked_manifest(
            read_file(directory / "manifest.json", Errc::corrupt, store::largest_manifest), sums,
            directory.native(), set);
    }

    fs::path artifact(const store::Manifest& manifest, const std::string& artifact,
                      std::stop_token stop) override {
        auto file = is_shared_by(manifest, artifact) ? staging_.shared(artifact)
                                                     : staging_.set(manifest.set) / artifact;
        const auto sha256 = sha256_of_file(file, stop);
        if (sha256 != artifact_of(manifest, artifact).sha256)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' is not what the manifest says", file.native()),
                        "mastobak verify says what else is damaged; another set, or --from a "
                        "remote, may be intact");
        return file;
    }

    MediaIndex index(const store::Manifest& manifest, const Selection&,
                     std::stop_token stop) override {
        MediaIndex index;
        index.file = stored_index(manifest, [&](const std::string& name) {
            index.size += artifact_of(manifest, name).size;
            return artifact(manifest, name, stop);
        });
        return index;
    }

    std::unique_ptr<PackSource> packs(std::stop_token stop) override {
        std::vector<std::unique_ptr<PackSource>> others;
        for (const auto& remote : remotes_)
            others.push_back(std::make_unique<RemotePacks>(
                [&remote, scratch = scratch_] { return offsite::make_remote(remote, scratch); },
                scratch_, stop,
                remote.type == config::RemoteType::rsync ? RemotePacks::whole_packs
                                                         : RemotePacks::usual_piece));
        return std::make_unique<PacksBeside>(staging_.media(), std::move(others));
    }

 private:
    store::Staging staging_;
    std::string name_;
    std::vector<config::Remote> remotes_;
    fs::path scratch_;
};

}  // namespace

std::unique_ptr<SetSource> sets_in(fs::path directory, std::vector<config::Remote> remotes,
                                   fs::path scratch) {
    return std::make_unique<DirectorySets>(std::move(directory), std::move(remotes),
                                           std::move(scratch));
}

}  // namespace mastobak::restore
