// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/hints.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace mastobak::offsite {
namespace {

struct Rule {
    std::string_view part;  ///< part of the message, in lower case
    std::string_view hint;
};

constexpr std::string_view host_key =
    "the server's host key is not the one in known_hosts; compare it with what the provider "
    "publishes, then add it: ssh-keyscan -p PORT HOST";
constexpr std::string_view credentials =
    "the remote refuses these credentials; check its key or password, and its permissions";
constexpr std::string_view rights = "the account may not write there; check owner and mode";
constexpr std::string_view unreachable =
    "is the remote up, and its address and port right? it will be tried again";
constexpr std::string_view chatty_shell =
    "the account's shell prints something when it starts, which SFTP and rsync take for data; "
    "begin its ~/.bashrc with: [[ $- == *i* ]] || return";
constexpr std::string_view full = "make room at the remote, or raise its quota";

// The first rule that matches applies, so special rules come before general ones.
constexpr std::array rules{
    Rule{"didn't find section in config file",
         "the target begins with the name of a remote that the configuration of rclone does not "
         "have; `rclone listremotes --config FILE` names those it has"},
    Rule{"unable to decrypt configuration",
         "the configuration of rclone is encrypted; mastobak needs one that it can read without a "
         "password"},
    Rule{"using --ask-password=false",
         "the configuration of rclone is encrypted; mastobak needs one that it can read without a "
         "password"},
    Rule{"host key verification failed", host_key},
    Rule{"knownhosts: key", host_key},
    Rule{"is your shell clean", chatty_shell},
    Rule{"packet too long", chatty_shell},
    Rule{"ssh agent requested",
         "give the remote a 'key_file' (or 'pass') in the configuration of rclone"},
    Rule{"identity file", "check 'identity_file': ssh cannot read it"},
    Rule{"permission denied (publickey", credentials},
    Rule{"unable to authenticate", credentials},
    Rule{"401 unauthorized", credentials},
    Rule{"403 forbidden", credentials},
    Rule{"accessdenied", credentials},
    Rule{"invalidaccesskeyid", credentials},
    Rule{"signaturedoesnotmatch", credentials},
    Rule{"invalid_grant", "the remote's token has expired; run `rclone config reconnect REMOTE:`"},
    Rule{"nosuchbucket", "create the bucket, or correct its name in 'target'"},
    Rule{"no space left", full},
    Rule{"disk quota", full},
    Rule{"quota exceeded", full},
    Rule{"quotaexceeded", full},
    Rule{"insufficient storage", full},
    Rule{"storagequota", full},
    Rule{"ssh_fx_failure", full},
    Rule{"command not found", "install rsync at the remote"},
    Rule{"unknown option", "rsync at the remote is older than 3.2.3; install a newer one"},
    Rule{"permission denied", rights},
    Rule{"read-only file system",
         "on this host, the daemon may write only where its unit allows it: `systemctl edit "
         "mastobak`, [Service], ReadWritePaths=DIRECTORY; elsewhere, remount it"},
    Rule{"certificate", "the remote's TLS certificate is not trusted by this host"},
    Rule{"connection refused", unreachable},
    Rule{"connection reset", unreachable},
    Rule{"connection closed", unreachable},
    Rule{"connection timed out", unreachable},
    Rule{"i/o timeout", unreachable},
    Rule{"timeout in data send/receive", unreachable},
    Rule{"no such host", unreachable},
    Rule{"could not resolve", unreachable},
    Rule{"no route to host", unreachable},
    Rule{"network is unreachable", unreachable},
    Rule{"broken pipe", unreachable},
    Rule{"unexpected eof", unreachable},
};

// If an account can list and read, and its removal fails with one of these messages, the account
// may not remove. A key that is wrong or has expired would already have failed at the listing.
constexpr std::array refusals{
    std::string_view("permission denied"),
    std::string_view("operation not permitted"),
    std::string_view("read-only file system"),
    std::string_view("has been disabled on this server"),  // rrsync -no-del
    std::string_view("403 forbidden"),
    std::string_view("error 403"),
    std::string_view("accessdenied"),
    std::string_view("objectlocked"),
    std::string_view("retentionpolicynotmet"),
    std::string_view("immutableduetopolicy"),
    std::string_view("401 unauthorized"),
    std::string_view("method not allowed"),
};

std::string lower_case(std::string_view message) {
    std::string lower(message);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

/// Returns whether rclone took words for a hash, as it does where a shell prints more than md5sum:
/// 'md5 hash differ "72…91" vs "welcome"'.
bool has_words_for_a_hash(std::string_view lower) {
    constexpr std::string_view before = "\" vs \"";
    if (lower.find("hash differ") == lower.npos) return false;
    const auto at = lower.find(before);
    if (at == lower.npos) return false;
    const auto theirs = lower.substr(at + before.size());
    return theirs.find_first_not_of("0123456789abcdef") < theirs.find('"');
}

}  // namespace

std::string hint_for(std::string_view message) {
    const auto lower = lower_case(message);
    if (has_words_for_a_hash(lower)) return std::string(chatty_shell);
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) {
        return lower.find(r.part) != std::string::npos;
    });
    return rule == rules.end() ? std::string() : std::string(rule->hint);
}

bool says_full(std::string_view message) {
    return message.find(full) != message.npos || hint_for(message) == full;
}

bool forbids_removal(std::string_view message) {
    const auto lower = lower_case(message);
    return std::any_of(refusals.begin(), refusals.end(), [&](std::string_view part) {
        return lower.find(part) != std::string::npos;
    });
}

std::string one_line(std::string_view text) {
    constexpr std::size_t longest = 400;
    std::string line;
    for (const char c : text) {
        const bool blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
        if (line.size() >= longest) return line + "…";
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

}  // namespace mastobak::offsite
