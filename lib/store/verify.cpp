// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/text.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/formats/signature.hpp"
#include "store/pack_record.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

/// A verification of one set, which reads each file once and compares it with everything that is
/// recorded about it.
class Verification {
 public:
    Verification(const Staging& staging, const std::string& set, std::stop_token stop)
        : staging_(staging), directory_(staging.set(set)), stop_(std::move(stop)) {
        report_.set = set;
    }

    VerifyReport run(const MemberCheck& members, const DumpCheck& dump) {
        if (std::error_code ignored; !fs::is_directory(directory_, ignored)) {
            problem("there is no such set");
            return std::move(report_);
        }
        read_sums();
        const auto manifest = read_manifest();
        if (manifest) find_away(*manifest);
        for (const auto& [name, sha256] : sums_) check_digest(name, sha256);
        if (manifest) {
            for (const auto& artifact : manifest->artifacts)
                check_entry(artifact.name, {fmt::format("sets/{}/{}", report_.set, artifact.name),
                                            artifact.size,
                                            artifact.sha256,
                                            {}});
            for (const auto& file : shared_files(*manifest))
                if (!away_.contains(file.name))
                    check_entry(path_in_sums(file.name),
                                {shared_path(file.name), file.size, file.sha256, {}});
            check_sums_against(*manifest);
            check_members(*manifest, members);
            check_dump(*manifest, dump);
        }
        find_strangers();
        return std::move(report_);
    }

 private:
    void problem(std::string_view text) { report_.problems.push_back(readable(text)); }

    void read_sums() {
        try {
            const auto file = directory_ / "SHA256SUMS";
            for (auto& sum : parse_sha256sums(
                     read_beneath(directory_, "SHA256SUMS", Errc::corrupt, largest_sums),
                     file.native()))
                if (!sums_.emplace(std::move(sum.name), sum.sha256).second)
                    problem("SHA256SUMS names a file twice");
        } catch (const Error& error) {
            // Without this, a missing line would be reported for each file.
            sums_.clear();
            has_sums_ = false;
            problem(error.text());
        }
    }

    std::optional<Manifest> read_manifest() {
        try {
            return staging_.manifest(report_.set);
        } catch (const Error& error) {
            problem(error.text());
            return std::nullopt;
        }
    }

    /// Returns the digest of a file; if it cannot be read, adds a problem and returns nothing.
    std::optional<Digest> digest_of(const std::string& name) {
        if (const auto found = digests_.find(name); found != digests_.end()) return found->second;
        auto& digest = digests_[name];
        try {
            const auto file = directory_ / name;
            if (fs::symlink_status(file).type() != fs::file_type::regular)
                throw Error(Errc::corrupt, exists(fs::symlink_status(file))
                                               ? fmt::format("'{}' is not a regular file", name)
                                               : fmt::format("'{}' is missing", name));
            digest = sha256_of_file(file, stop_);
            ++report_.files;
            report_.bytes += Bytes{fs::file_size(file)};
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            problem(error.text());
        } catch (const fs::filesystem_error& error) {
            problem(fmt::format("'{}' cannot be read: {}", name, error.code().message()));
        }
        return digest;
    }

    /// Packs that were removed here because the remotes have them cannot be compared here.
    void find_away(const Manifest& manifest) {
        const AwayPacks away(staging_);
        for (const auto& pack : manifest.media.packs)
            if (!is_here(staging_, pack) && away.find(pack)) away_.insert(pack.name);
        report_.away.assign(away_.begin(), away_.end());
    }

    void check_digest(const std::string& name, const Digest& sha256) {
        if (const auto shared = shared_in_sums(name); shared && away_.contains(*shared)) return;
        const auto found = digest_of(name);
        if (found && *found != sha256)
            problem(fmt::format("'{}' is not what SHA256SUMS says: its contents changed", name));
    }

    void check_entry(const std::string& name, VerifiedObject object) {
        const auto found = digest_of(name);
        std::error_code error;
        const auto real = fs::file_size(directory_ / name, error);
        if (!found) {
            // digest_of() has already reported this problem.
            object.problem = error ? "it is missing" : "it cannot be read";
        } else if (error || real != object.size.count) {
            const auto bytes = error ? 0 : real;
            problem(fmt::format("'{}' has {}, but the manifest says {}", name,
                                counted(bytes, "byte"), object.size.count));
            object.problem =
                fmt::format("it has {} instead of {}", counted(bytes, "byte"), object.size.count);
        } else if (*found != object.sha256) {
            problem(fmt::format("'{}' is not what the manifest says: its contents changed", name));
            object.problem = "its contents changed";
        }
        report_.objects.push_back(std::move(object));
    }

    void check_sums_against(const Manifest& manifest) {
        if (!has_sums_) return;
        std::set<std::string> names{"manifest.json"};
        for (const auto& artifact : manifest.artifacts) names.insert(artifact.name);
        for (const auto& file : shared_files(manifest)) names.insert(path_in_sums(file.name));
        for (const auto& name : names)
            if (!sums_.contains(name)) problem(fmt::format("SHA256SUMS lacks '{}'", name));
        for (const auto& [name, sha256] : sums_)
            if (!names.contains(name))
                problem(fmt::format("SHA256SUMS has '{}', which the manifest does not know", name));
    }

    void check_members(const Manifest& manifest, const MemberCheck& members) {
        if (manifest.media.elsewhere || !members) return;
        if (!manifest.media.index_base && !digests_.contains(whole_index))
            return problem(
                fmt::format("the set has no '{}', but its media is not elsewhere", whole_index));
        try {
            for (const auto& text : members(staging_, manifest, away_, stop_)) problem(text);
        } catch (const Error& error) {
            // The index itself is damaged, which is reported and recorded like any other damage.
            if (error.code() != Errc::corrupt) throw;
            problem(error.text());
        }
    }

    /// A difference can be a file without damage, and still not give back the dump.
    void check_dump(const Manifest& manifest, const DumpCheck& dump) {
        const auto damaged = [](const VerifiedObject& object) {
            return !object.problem.empty() && !object.name.starts_with("media/");
        };
        if (!dump || std::ranges::any_of(report_.objects, damaged)) return;
        try {
            dump(staging_, manifest, stop_);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            problem(error.text());
        }
    }

    void find_strangers() {
        std::error_code error;
        for (fs::directory_iterator it(directory_, error), end; !error && it != end;
             it.increment(error))
            if (const auto name = it->path().filename().string();
                name != "SHA256SUMS" && name != signature_name && !digests_.contains(name) &&
                (has_sums_ || name != "manifest.json"))
                problem(fmt::format("'{}' does not belong to the set", name));
    }

    const Staging& staging_;
    const fs::path directory_;
    const std::stop_token stop_;
    VerifyReport report_;
    std::set<std::string> away_;
    std::map<std::string, Digest> sums_;
    bool has_sums_ = true;
    std::map<std::string, std::optional<Digest>> digests_;  ///< digests of all files that were read
};

}  // namespace

VerifyReport verify(const Staging& staging, const std::string& set, const MemberCheck& members,
                    std::stop_token stop, const DumpCheck& dump) {
    return Verification(staging, set, std::move(stop)).run(members, dump);
}

}  // namespace mastobak::store
