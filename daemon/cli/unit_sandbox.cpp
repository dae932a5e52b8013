// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/unit_sandbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// Returns the depth of a directory; nullopt when the path is neither the directory nor below it.
std::optional<std::size_t> depth_of(const fs::path& directory, const fs::path& path) {
    std::size_t depth = 0;
    auto at = path.begin();
    for (const auto& part : directory) {
        if (part.empty()) continue;  // after a slash at the end
        if (at == path.end() || *at != part) return std::nullopt;
        ++at;
        ++depth;
    }
    return depth;
}

/// Removes systemd's prefixes from a path: "-+/mnt/usb" returns "/mnt/usb".
fs::path without_marks(const std::string& entry) {
    const auto begin = entry.find('/');
    return begin == std::string::npos ? fs::path() : fs::path(entry.substr(begin));
}

/// Finds the access by the most specific rule. If two rules have the same path, systemd applies the
/// stricter one.
class Rules {
 public:
    explicit Rules(const fs::path& path) : path_(path) {}

    void add(const fs::path& directory, Access access) {
        if (directory.empty()) return;
        const auto depth = depth_of(directory, path_);
        if (!depth || *depth < depth_) return;
        if (*depth == depth_) access = std::max(access, access_);
        depth_ = *depth;
        access_ = access;
    }
    void add(const std::vector<std::string>& entries, Access access) {
        for (const auto& entry : entries) add(without_marks(entry), access);
    }
    Access access() const { return access_; }

 private:
    const fs::path& path_;
    std::size_t depth_ = 0;
    Access access_ = Access::write;
};

/// Resolves the symlinks of a path; returns it unchanged if that fails.
fs::path resolved(const fs::path& path) {
    std::error_code error;
    auto real = fs::weakly_canonical(path, error);
    return error ? path : real;
}

}  // namespace

Access access_in(const UnitSandbox& sandbox, const fs::path& path) {
    Rules rules(path);
    const auto& system = sandbox.protect_system;
    if (system == "strict") rules.add("/", Access::read);
    if (system == "strict")
        for (const auto* own : {"/dev", "/proc", "/sys"}) rules.add(own, Access::write);
    if (system == "yes" || system == "full")
        for (const auto* of_system : {"/usr", "/boot", "/efi"}) rules.add(of_system, Access::read);
    if (system == "full") rules.add("/etc", Access::read);
    const auto& home = sandbox.protect_home;
    if (home == "yes" || home == "tmpfs" || home == "read-only")
        for (const auto* of_people : {"/home", "/root", "/run/user"})
            rules.add(of_people, home == "read-only" ? Access::read : Access::nothing);
    if (sandbox.private_tmp)
        for (const auto* shared : {"/tmp", "/var/tmp"}) rules.add(shared, Access::nothing);
    for (const auto& directory : sandbox.directories) rules.add(directory, Access::write);
    rules.add(sandbox.read_write, Access::write);
    rules.add(sandbox.read_only, Access::read);
    rules.add(sandbox.inaccessible, Access::nothing);
    return rules.access();
}

async::Task<std::optional<UnitSandbox>> sandbox_of(units::UnitControl& control, std::string unit) {
    const auto protect_system = co_await control.property(unit, "ProtectSystem");
    if (!protect_system) co_return std::nullopt;
    UnitSandbox sandbox{.unit = unit.substr(0, unit.rfind(".service")),
                        .protect_system = *protect_system};
    sandbox.protect_home = co_await units::value_of(control, unit, "ProtectHome");
    const auto private_tmp = co_await units::value_of(control, unit, "PrivateTmp");
    sandbox.private_tmp = private_tmp == "true" || private_tmp == "yes" || private_tmp == "1";
    sandbox.read_write = co_await units::elements_of(control, unit, "ReadWritePaths");
    sandbox.read_only = co_await units::elements_of(control, unit, "ReadOnlyPaths");
    sandbox.inaccessible = co_await units::elements_of(control, unit, "InaccessiblePaths");
    sandbox.exec = co_await units::elements_of(control, unit, "ExecPaths");
    sandbox.no_exec = co_await units::elements_of(control, unit, "NoExecPaths");
    for (const auto& [name, base] :
         {std::pair{"StateDirectory", "/var/lib/"}, std::pair{"RuntimeDirectory", "/run/"},
          std::pair{"CacheDirectory", "/var/cache/"}, std::pair{"LogsDirectory", "/var/log/"}}) {
        const auto names = co_await units::elements_of(control, unit, name);
        for (const auto& directory : names) sandbox.directories.push_back(base + directory);
    }
    co_return sandbox;
}

std::optional<Error> writing_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                       const fs::path& path, Errc code) {
    const auto real = resolved(path);
    switch (access_in(sandbox, real)) {
        case Access::write:
            return std::nullopt;
        case Access::read:
            return Error(
                code,
                fmt::format("{} '{}' is read-only for the daemon: its unit does not let it "
                            "write there",
                            what, path.native()),
                fmt::format("`systemctl edit {0}`: [Service], ReadWritePaths={1}; then: "
                            "systemctl restart {0}",
                            sandbox.unit, real.native()));
        case Access::nothing:
            break;
    }
    return Error(
        code,
        fmt::format("{} '{}' is hidden from the daemon by its unit (ProtectHome=, "
                    "PrivateTmp= or InaccessiblePaths=)",
                    what, path.native()),
        fmt::format("name another place, or change that with `systemctl edit {}`", sandbox.unit));
}

std::optional<Error> reading_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                       const fs::path& path, Errc code) {
    if (access_in(sandbox, resolved(path)) != Access::nothing) return std::nullopt;
    return writing_forbidden(sandbox, what, path, code);
}

std::optional<Error> executing_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                         const fs::path& program) {
    const auto real = resolved(program);
    Rules rules(real);
    rules.add(sandbox.exec, Access::write);
    rules.add(sandbox.no_exec, Access::nothing);
    if (rules.access() == Access::write)
        return reading_forbidden(sandbox, what, program, Errc::environment);
    return Error(Errc::environment,
                 fmt::format("{} '{}' cannot be executed by the daemon: its unit permits programs "
                             "in /usr and /opt only",
                             what, program.native()),
                 fmt::format("move it to /usr/local/bin; or `systemctl edit {0}`: [Service], "
                             "ExecPaths={1}; then: systemctl restart {0}",
                             sandbox.unit, real.parent_path().native()));
}

}  // namespace mastobak::daemon
