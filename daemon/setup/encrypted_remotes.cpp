// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/encrypted_remotes.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/crypto/encoding.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/json.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "offsite/remotes/rclone.hpp"
#include "offsite/remotes/rclone_config.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds rclones_patience{30};

/// Returns a new password of 256 random bits in the form in which rclone.conf has passwords. It is
/// passed by standard input, because other users can see arguments.
std::string new_password(const fs::path& file) {
    auto password = offsite::Rclone(file)
                        .run({.doing = "obscure a password",
                              .arguments = {"obscure", "-"},
                              .input = encode_base64(random_bytes(32)) + "\n",
                              .timeout = rclones_patience},
                             {})
                        .output;
    while (password.ends_with('\n')) password.pop_back();
    return password;
}

std::string crypt_section(const std::string& name, const std::string& target,
                          const std::string& first, const std::string& second) {
    return fmt::format(
        "[{}]\ntype = crypt\nremote = {}\nfilename_encryption = standard\n"
        "directory_name_encryption = true\npassword = {}\npassword2 = {}\n",
        name, target, first, second);
}

bool has_target(const config::Config& config, const std::string& target) {
    return std::ranges::any_of(config.offsite, [&](const auto& remote) {
        return remote.type == config::RemoteType::rclone && remote.target == target;
    });
}

/// Reads with the rights of the daemon's user, who may have put a link to another file there.
std::string text_as_user(const fs::path& file, const Account& user) {
    std::string text;
    run_as_user(user.name, [&] { text = read_file(file, Errc::offsite); });
    return text;
}

/// Works on one answer after the other, and collects the new sections.
class Encrypter {
 public:
    Encrypter(const SetupAnswers& answers, const config::Config& config, bool may_ask,
              const Account& user)
        : wanted_(answers.encrypt), config_(config), may_ask_(may_ask), user_(user) {}

    /// Returns the answer with the place that is to be used.
    std::string place_for(const std::string& answer) {
        const auto remote = remote_of(answer, {});
        if (remote.type != config::RemoteType::rclone) {
            if (!wanted_.value_or(false)) return answer;
            throw Error(Errc::usage,
                        fmt::format("--encrypt: only rclone can encrypt, and '{}' is not a place "
                                    "of rclone",
                                    readable(answer)),
                        "give this --remote in a call of its own, without --encrypt");
        }
        if (!read(rclone_config_of(config_)) || !offsite::leads_to_plain(dump_, remote.target))
            return answer;
        const auto crypt = offsite::crypt_over(dump_, remote.target);
        const auto encrypted = crypt ? *crypt + ":" : std::string();
        if (crypt && has_target(config_, encrypted)) {
            if (wanted_.value_or(true)) return "rclone:" + encrypted;
            throw Error(Errc::usage,
                        fmt::format("'{}' already has the encrypted copies of '{}'", remote.target,
                                    encrypted),
                        "name a different path for copies that are not encrypted");
        }
        if (has_target(config_, remote.target)) {
            if (!wanted_.value_or(false)) return answer;
            throw Error(Errc::usage,
                        fmt::format("'{}' is already a remote, and its copies are not encrypted",
                                    remote.target),
                        "name a different path, then remove the old entry from 'offsite:'");
        }
        if (!is_wanted(remote.target)) return answer;
        return "rclone:" + (crypt ? encrypted : add_section(remote));
    }

    RcloneChange take() { return std::move(change_); }

 private:
    bool is_wanted(const std::string& target) const {
        if (wanted_) return *wanted_;
        return may_ask_ &&
               not_refused(
                   fmt::format("The sets contain all secrets of the instance. Encrypt the copies "
                               "at '{}'?",
                               readable(target)),
                   {});
    }

    /// \return false when rclone cannot read its configuration; the test of the remote reports why
    bool read(const fs::path& file) {
        if (!change_.file.empty()) return true;
        try {
            dump_ = offsite::Rclone(file).dump_config({});
            change_.before = text_as_user(file, user_);
        } catch (const Error& error) {
            if (wanted_.value_or(false) || error.code() != Errc::offsite) throw;
            return false;
        }
        change_.file = file;
        return true;
    }

    std::string add_section(const config::Remote& remote) {
        const auto sections = Json::parse(dump_);
        auto name = remote.name + "-crypt";
        // A configured remote whose section is missing has other passwords.
        for (int n = 2; sections.contains(name) || has_target(config_, name + ":"); ++n)
            name = fmt::format("{}-crypt-{}", remote.name, n);
        if (!change_.added.empty()) change_.shown += "\n";
        change_.added += "\n" + crypt_section(name, remote.target, new_password(change_.file),
                                              new_password(change_.file));
        change_.shown += crypt_section(name, remote.target, "(random)", "(random)");
        auto with_it = sections;
        with_it[name] = {{"type", "crypt"}, {"remote", remote.target}};
        dump_ = with_it.dump();
        return name + ":";
    }

    std::optional<bool> wanted_;
    const config::Config& config_;
    bool may_ask_;
    const Account& user_;
    std::string dump_;
    RcloneChange change_;
};

std::string new_contents(const RcloneChange& change) {
    const bool ends = change.before.empty() || change.before.ends_with('\n');
    return change.before + (ends ? "" : "\n") + change.added;
}

/// Checks by rclone itself that the sections mean what they should, and change no others.
void check_candidate(const RcloneChange& change) {
    const auto old = Json::parse(offsite::Rclone(change.file).dump_config({}));
    const auto made = Json::parse(offsite::Rclone(change.candidate).dump_config({}));
    bool good = made.size() > old.size();
    for (const auto& [name, fields] : made.items()) {
        if (old.contains(name)) {
            good = good && old.at(name) == fields;
            continue;
        }
        const auto shown = change.shown.find(fmt::format("[{}]\ntype = crypt\nremote = {}\n", name,
                                                         fields.value("remote", std::string())));
        good = good && shown != std::string::npos;
    }
    for (const auto& [name, fields] : old.items()) good = good && made.contains(name);
    if (!good)
        throw Error(Errc::environment,
                    fmt::format("cannot add a crypt remote to '{}'", change.file.native()),
                    fmt::format("make it with: rclone config --config {}; then give its name as "
                                "--remote",
                                change.file.native()));
}

/// Checks that a new rclone.conf would be where the old one is, and that the daemon could read it.
void check_place(const fs::path& file, const Account& user) {
    struct stat status {};
    const bool found = ::stat(file.parent_path().c_str(), &status) == 0;
    if (found && (status.st_uid == 0 || status.st_uid == user.user) && !fs::is_symlink(file))
        return;
    throw Error(
        Errc::environment,
        fmt::format("'{}' is a symlink, or its directory belongs to another user", file.native()),
        "make the crypt remote with `rclone config`, and give its name as --remote");
}

}  // namespace

RcloneChange encrypt_remotes(SetupAnswers& answers, const config::Config& config, bool may_ask,
                             const fs::path& scratch, const Account& user) {
    if (answers.encrypt && answers.remotes.empty())
        throw Error(Errc::usage, "--encrypt and --no-encrypt are for new remotes",
                    "mastobak setup --remote rclone:REMOTE:PATH --encrypt");
    Encrypter encrypter(answers, config, may_ask, user);
    for (auto& remote : answers.remotes) remote = encrypter.place_for(remote);
    auto change = encrypter.take();
    if (change.added.empty()) return change;
    check_place(change.file, user);
    change.candidate = scratch / "rclone.conf";
    write_file(change.candidate, new_contents(change), 0600, Errc::environment);
    give_to_user(change.candidate, user.name);
    check_candidate(change);
    return change;
}

void write_change(const RcloneChange& change, const Account& user) {
    if (change.added.empty()) return;
    if (text_as_user(change.file, user) != change.before)
        throw Error(Errc::environment,
                    fmt::format("'{}' was changed in the meantime", change.file.native()),
                    "run mastobak setup again");
    const auto rights = WithRightsOf::owner_of(change.file.parent_path());
    // The daemon can read the file at any time.
    auto made = change.file;
    made += ".new";
    write_file(made, new_contents(change), 0600, Errc::environment);
    if (has_all_file_rights()) give_to_user(made, user.name);
    fs::rename(made, change.file);
    sync_directory(change.file.parent_path(), Errc::environment);
    say("wrote        {}\n", change.file.native());
}

}  // namespace mastobak::daemon
