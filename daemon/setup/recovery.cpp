// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/recovery.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "archive/tar.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/accounts.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "core/text.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "offsite/remotes/rclone.hpp"
#include "offsite/remotes/rclone_config.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

bool lies_below(const fs::path& file, const fs::path& directory) {
    return file.lexically_normal().native().starts_with(
        (directory / "").lexically_normal().native());
}

/// Adds what rclone.conf names, such as keys and known hosts.
void add_files_of_rclone(std::set<fs::path>& found, const config::Remote& remote) {
    try {
        const auto dump = offsite::Rclone(remote.rclone_config).dump_config({});
        const auto named = offsite::local_paths(dump, remote.target).files;
        // Programs and certificates of the system come with its packages.
        for (const auto& file : named)
            if (!lies_below(file, "/usr") && !lies_below(file, "/bin") &&
                !lies_below(file, "/etc/ssl"))
                found.insert(file.lexically_normal());
    } catch (const Error& error) {
        // check-config reports a configuration of rclone that cannot be read.
        if (error.code() != Errc::offsite) throw;
    }
}

fs::path directory_of(const config::Config& config) {
    return fs::absolute(config.source).lexically_normal().parent_path();
}

std::set<fs::path> named_files(const config::Config& config) {
    const auto& state = config.state_directory;
    std::set<fs::path> found{fs::absolute(config.source), store::public_key_file(state),
                             config.database.passfile};
    std::error_code error;
    for (fs::directory_iterator it(state / "trusted", error), end; !error && it != end;
         it.increment(error))
        if (it->path().extension() == ".pub") found.insert(it->path());
    for (const auto& remote : config.offsite) {
        if (remote.type == config::RemoteType::rsync) {
            found.insert(remote.identity_file);
            found.insert(remote.known_hosts);
        } else if (remote.type == config::RemoteType::rclone) {
            found.insert(remote.rclone_config);
            add_files_of_rclone(found, remote);
        }
    }
    for (const auto& target : config.notify) found.insert(target.url_file);
    if (config.recovery.age_key.starts_with('/')) found.insert(config.recovery.age_key);
    return found;
}

using Status = struct stat;

/// Returns a time of a file; nullopt when there is no such file.
std::optional<Timestamp> stamp_of(const fs::path& file, timespec Status::*field) {
    Status status{};
    if (::stat(file.c_str(), &status) != 0) return std::nullopt;
    return time_of_file((status.*field).tv_sec, (status.*field).tv_nsec);
}

void list_what_to_keep(const RecoveryFiles& found, const fs::path& file) {
    say("\nKeep copies of these files away from this host. After its loss, only they give access "
        "to "
        "the copies.\n");
    for (const auto* files : {&found.files, &found.elsewhere})
        for (const auto& path : *files) say("  {}\n", path.native());
    say("`mastobak setup --age-key KEY` keeps all of them in one encrypted file, {}.\n\n",
        file.native());
}

constexpr std::chrono::seconds ages_patience{30};
constexpr Bytes largest_member{std::uint64_t{1} << 20};
constexpr std::string_view ages_magic = "age-encryption.org/v1\n";

bool is_private(std::string_view text) {
    return text.find("AGE-SECRET-KEY-") != std::string_view::npos ||
           text.find("PRIVATE KEY-----") != std::string_view::npos;
}

/// Runs `age` with a text on standard input.
Finished run_age(const std::string& key, const std::string& text) {
    if (!find_program("age"))
        throw Error(Errc::environment, "'age' is not installed, which encrypts the recovery file",
                    "apt install age");
    std::span<const char> input(text);
    return run({.argv = {"age", key.starts_with('/') ? "-R" : "-r", key},
                .input =
                    [&input](std::span<std::byte> block) {
                        const auto size = std::min(block.size(), input.size());
                        std::memcpy(block.data(), input.data(), size);
                        input = input.subspan(size);
                        return size;
                    },
                .timeout = ages_patience});
}

/// Returns the first line that `age` has written: "age: error: …" without its beginning.
std::string complaint_of(const Finished& finished) {
    constexpr std::string_view beginning = "age: error: ";
    auto line = finished.error_tail.substr(0, finished.error_tail.find('\n'));
    if (line.starts_with(beginning)) line.erase(0, beginning.size());
    return line.empty() ? finished.reason() : readable(line);
}

archive::Header member_header(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        throw errno_error(Errc::environment, fmt::format("look at '{}'", path.native()), errno);
    archive::Header header;
    header.path = path.relative_path();
    header.mode = status.st_mode & 0777U;
    // tar uses the names; it uses the numbers, root's, where a name is not known.
    header.user = mastobak::user_name(status.st_uid);
    header.group = mastobak::group_name(status.st_gid).value_or("root");
    header.mtime = time_of_file(status.st_mtim.tv_sec, 0);
    return header;
}

/// Returns the directories between a root and a file, from the top.
std::vector<fs::path> directories_of(const fs::path& file, const std::vector<fs::path>& roots) {
    std::vector<fs::path> all;
    for (auto directory = file.parent_path();
         directory.has_relative_path() && std::ranges::find(roots, directory) == roots.end();
         directory = directory.parent_path())
        all.insert(all.begin(), directory);
    return all;
}

}  // namespace

RecoveryFiles recovery_files(const config::Config& config) {
    RecoveryFiles all;
    for (const auto& file : named_files(config)) {
        std::error_code ignored;
        if (file.empty() || !fs::is_regular_file(file, ignored)) continue;
        const bool ours =
            lies_below(file, directory_of(config)) || lies_below(file, config.state_directory);
        (ours ? all.files : all.elsewhere).push_back(file.lexically_normal());
    }
    return all;
}

fs::path recovery_file(const config::Config& config) {
    return directory_of(config) / "recovery.age";
}

std::string why_outdated(const config::Config& config, const RecoveryFiles& files) {
    const auto own = recovery_file(config);
    const auto written = stamp_of(own, &Status::st_mtim);
    if (!written) return fmt::format("'{}' is missing", own.native());
    for (const auto& file : files.files)
        if (const auto changed = stamp_of(file, &Status::st_ctim); changed && *changed > *written)
            return fmt::format("'{}' is older than '{}'", own.native(), file.native());
    return {};
}

std::string checked_age_key(std::string answer) {
    const bool like_a_key = answer.starts_with("age1") || answer.starts_with("ssh-");
    if (std::error_code ignored; !like_a_key && fs::exists(answer, ignored))
        answer = fs::absolute(answer).lexically_normal();
    check_age_key(answer);
    return answer;
}

std::string asked_age_key() {
    if (!find_program("age")) {
        say("age          is not installed, so there is no recovery file. Later: apt install age, "
            "then\n             mastobak setup --age-key KEY\n");
        return {};
    }
    say_error(
        "After the loss of this host, only the recovery file and its private key, both of which "
        "you keep\nelsewhere, give access to the copies.\n");
    for (;;) {
        const auto answer = answer_to(
            "Which public key is the recovery file encrypted to? (age1…, ssh-ed25519 …, or a file "
            "of "
            "keys)");
        if (answer.empty()) return {};
        try {
            return checked_age_key(answer);
        } catch (const Error& error) {
            say_error("{}\n", error.what());
        }
    }
}

void keep_recovery_file(const config::Config& config, const std::string& user) {
    const auto& key = config.recovery.age_key;
    if (config.offsite.empty() && key.empty()) return;
    RecoveryFiles found;
    run_as_user(user, [&] { found = recovery_files(config); });
    const auto file = recovery_file(config);
    if (key.empty()) return list_what_to_keep(found, file);
    for (const auto& path : found.elsewhere)
        say("recovery     does not have {}: keep a copy of it, or move it to {}\n", path.native(),
            file.parent_path().native());
    const auto why = why_outdated(config, found);
    if (why.empty()) return say("recovery     {} is up to date\n", file.native());
    std::error_code ignored;
    const bool renewed = fs::exists(file, ignored);
    write_recovery_file(config, found.files, user);
    if (renewed) say("recovery     {}\n", why);
    say("wrote        {}: keep a copy of it, and of the private key, away from this host\n",
        file.native());
}

void check_age_key(const std::string& key) {
    constexpr auto how =
        "make a pair with `age-keygen -o key.txt` on another machine, keep key.txt there, and give "
        "the public key that it prints, which begins with 'age1'";
    const bool is_file = key.starts_with('/');
    if (is_private(is_file ? read_file(key, Errc::usage, largest_member) : key))
        throw Error(Errc::usage, "the age key is a private key, which has to stay off this host",
                    how);
    const auto finished = run_age(key, "");
    if (finished.ok()) return;
    throw Error(
        Errc::usage,
        fmt::format("'{}' is not a public key of age: {}", readable(key), complaint_of(finished)),
        key.starts_with("age1pq1") ? "keys like this one need age 1.3 or newer" : how);
}

std::string tar_of(const std::vector<fs::path>& files, const std::vector<fs::path>& roots) {
    std::string tar;
    archive::TarWriter writer([&tar](std::span<const std::byte> bytes) {
        tar.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    std::set<fs::path> known;
    for (const auto& file : files) {
        for (const auto& directory : directories_of(file, roots)) {
            if (!known.insert(directory).second) continue;
            auto header = member_header(directory);
            header.type = archive::Header::Type::directory;
            writer.begin(header);
            writer.end();
        }
        const auto contents = read_file(file, Errc::environment, largest_member);
        auto header = member_header(file);
        header.size = contents.size();
        writer.begin(header);
        writer.data(std::as_bytes(std::span(contents)));
        writer.end();
    }
    writer.finish();
    return tar;
}

std::string encrypted_to(const std::string& key, const std::string& text) {
    check_age_key(key);
    auto finished = run_age(key, text);
    if (!finished.ok() || !finished.output.starts_with(ages_magic))
        throw Error(Errc::environment, "cannot encrypt the recovery file: " + finished.reason());
    return std::move(finished.output);
}

void write_recovery_file(const config::Config& config, const std::vector<fs::path>& files,
                         const std::string& user) {
    std::string tar;
    run_as_user(user, [&] {
        tar = tar_of(files, {recovery_file(config).parent_path(), config.state_directory});
    });
    write_file(recovery_file(config), encrypted_to(config.recovery.age_key, tar), 0600,
               Errc::environment);
}

}  // namespace mastobak::daemon
