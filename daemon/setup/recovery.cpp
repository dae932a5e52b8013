// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/recovery.hpp"

#include <filesystem>
#include <system_error>

#include "core/as_user.hpp"
#include "core/error.hpp"
#include "core/process.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/setup/recovery_archive.hpp"
#include "daemon/setup/recovery_files.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

void list_what_to_keep(const RecoveryFiles& found, const fs::path& file) {
    say("\nKeep copies of these files away from this host. After its loss, only they give access "
        "to "
        "the copies.\n");
    for (const auto* files : {&found.files, &found.elsewhere})
        for (const auto& path : *files) say("  {}\n", path.native());
    say("`mastobak setup --age-key KEY` keeps all of them in one encrypted file, {}.\n\n",
        file.native());
}

}  // namespace

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

}  // namespace mastobak::daemon
