// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/maintenance_page.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/unique_fd.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "units/record.hpp"

namespace mastobak::units {
namespace fs = std::filesystem;

void MaintenancePage::raise(const fs::path& file) {
    std::error_code ignored;
    if (file.empty() || fs::exists(fs::symlink_status(file, ignored))) return;
    make_directories(record_.parent_path(), 0755, Errc::units);
    // Root, too, writes with the rights of the daemon's user, because the daemon may have to remove
    // the file.
    const auto owner = WithRightsOf::owner_of(record_.parent_path());
    write_file(record_, file.native(), 0644, Errc::units);
    // The web server has to be able to read it, as any user.
    const UniqueFd fd(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (fd || errno == EEXIST) return;
    const auto error =
        errno_error(Errc::units, fmt::format("make the maintenance file '{}'", file.native()),
                    errno, "the user that runs mastobak has to be able to make it");
    fs::remove(record_, ignored);
    throw error;
}

bool MaintenancePage::raised() const {
    std::error_code ignored;
    return fs::exists(record_, ignored);
}

std::optional<std::string> MaintenancePage::lower() const noexcept try {
    if (!raised()) return std::nullopt;
    const auto owner = WithRightsOf::owner_of(record_.parent_path());
    bool foreign = false;
    const fs::path file = read_of_daemon(record_, foreign).value_or("");
    if (foreign && file != configured_)
        return fmt::format(
            "'{}' names '{}', which is not consistency.maintenance_file: it stays where it is",
            record_.native(), readable(file.native()));
    std::error_code error;
    fs::remove(file, error);
    if (error)
        return fmt::format("remove the maintenance file '{}': {}; remove it by hand", file.native(),
                           error.message());
    fs::remove(record_, error);
    return std::nullopt;
} catch (const std::exception& e) {
    return std::string(e.what());
}

}  // namespace mastobak::units
