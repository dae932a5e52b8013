// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/record.hpp"

#include <algorithm>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/files.hpp"

namespace mastobak::units {
namespace {

/// Source: systemd.unit(5), "unit names".
bool is_unit_name(const std::string& name) {
    constexpr auto allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
    return name.size() < 256 && name.find('.') != std::string::npos && name.front() != '.' &&
           name.find_first_not_of(allowed) == std::string::npos;
}

}  // namespace

Record::Record(std::filesystem::path file) : file_(std::move(file)) {}

std::vector<std::string> Record::read() const {
    std::error_code error;
    if (!std::filesystem::exists(file_, error)) return {};
    std::istringstream lines(read_file(file_, Errc::units));
    std::vector<std::string> names;
    for (std::string line; std::getline(lines, line);)
        if (is_unit_name(line)) names.push_back(line);
    return names;
}

void Record::write(const std::vector<std::string>& names) const {
    std::string text;
    for (const auto& name : names) text += name + '\n';
    make_directories(file_.parent_path(), 0755, Errc::units);
    write_file(file_, text, 0644, Errc::units);
}

void Record::remove() const {
    std::error_code error;
    std::filesystem::remove(file_, error);
    if (error)
        throw errno_error(Errc::units, "remove '" + file_.native() + "'", error.value(),
                          "remove it by hand once the units run");
    // A record that comes back would start units that an admin has stopped since.
    if (std::filesystem::exists(file_.parent_path(), error))
        sync_directory(file_.parent_path(), Errc::units);
}

}  // namespace mastobak::units
