// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/record.hpp"

#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/process/privilege.hpp"
#include "units/container_name.hpp"

namespace mastobak::units {
namespace {

/// The size limit of a record; enough for thousands of names.
constexpr Bytes largest_record{64 * 1024};

/// Source: systemd.unit(5), "unit names".
bool is_unit_name(const std::string& name) {
    constexpr auto allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
    return name.size() < 256 && name.find('.') != std::string::npos && name.front() != '.' &&
           name.find_first_not_of(allowed) == std::string::npos;
}

std::vector<std::string> names_in(const std::string& text) {
    std::istringstream lines(text);
    std::vector<std::string> names;
    for (std::string line; std::getline(lines, line);)
        if (is_unit_name(line) || parse_container_name(line)) names.push_back(line);
    return names;
}

void write_as_owner(const std::filesystem::path& file, const std::string& text,
                    unsigned directory_mode) {
    const auto owner = WithRightsOf::owner_of(file.parent_path());
    make_directories(file.parent_path(), directory_mode, Errc::units);
    write_file(file, text, 0644, Errc::units);
}

void remove_as_owner(const std::filesystem::path& file) {
    const auto owner = WithRightsOf::owner_of(file.parent_path());
    std::error_code error;
    if (!std::filesystem::remove(file, error) && !error) return;
    if (error)
        throw errno_error(Errc::units, "remove '" + file.native() + "'", error.value(),
                          "remove it by hand once the units run");
    // Without the fsync, a crash could bring the record back, and units that an admin has stopped
    // since would be started.
    sync_directory(file.parent_path(), Errc::units);
}

}  // namespace

std::optional<std::string> read_of_daemon(const std::filesystem::path& file, bool& foreign) {
    const auto owner = WithRightsOf::owner_of(file.parent_path());
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0 && errno == ENOENT) return std::nullopt;
    const auto fd = open_regular(file, Symlinks::refuse, Errc::units);
    if (::fstat(fd.get(), &status) != 0 || status.st_nlink != 1)
        throw Error(Errc::units, "'" + file.native() + "' has a second name (a hard link)",
                    "it was linked there by another program: look at it, and remove it");
    foreign = ::geteuid() == 0 && (status.st_uid != 0 || !has_all_file_rights());
    return read_all(fd.get(), file, Errc::units, largest_record);
}

bool matches_one(const std::string& name, const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
    });
}

Record::Record(std::filesystem::path file, std::filesystem::path containers)
    : file_(std::move(file)), containers_(std::move(containers)) {}

std::string Record::text(bool& foreign) const {
    auto text = read_of_daemon(file_, foreign);
    if (!text && !containers_.empty()) text = read_of_daemon(containers_, foreign);
    return text.value_or("");
}

std::vector<std::string> Record::read() const {
    bool foreign = false;
    return names_in(text(foreign));
}

std::vector<std::string> Record::read(const std::vector<std::string>& patterns) const {
    bool foreign = false;
    auto names = names_in(text(foreign));
    if (foreign)
        std::erase_if(names, [&](const auto& name) { return !matches_one(name, patterns); });
    return names;
}

std::vector<std::string> Record::read_foreign(const std::vector<std::string>& patterns) const {
    bool foreign = false;
    auto names = names_in(text(foreign));
    if (!foreign) return {};
    std::erase_if(names, [&](const auto& name) { return matches_one(name, patterns); });
    return names;
}

void Record::write(const std::vector<std::string>& names) const {
    std::string all;
    std::string containers;
    for (const auto& name : names) {
        all += name + '\n';
        if (names_containers(name)) containers += name + '\n';
    }
    write_as_owner(file_, all, 0755);
    if (containers_.empty()) return;
    if (containers.empty())
        remove_as_owner(containers_);
    else
        write_as_owner(containers_, containers, 0700);
}

void Record::remove() const {
    // This one first: alone, it would start containers that an admin has stopped since.
    if (!containers_.empty()) remove_as_owner(containers_);
    remove_as_owner(file_);
}

}  // namespace mastobak::units
