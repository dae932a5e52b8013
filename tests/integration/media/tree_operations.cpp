// SPDX-License-Identifier: GPL-3.0-or-later
#include "tree_operations.hpp"

#include <algorithm>
#include <array>

#include "support/temporary_directory.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

TreeOperations::TreeOperations(fs::path root, unsigned seed)
    : root_(std::move(root)), random_(seed) {}

void TreeOperations::operator()(int times) {
    for (int i = 0; i < times; ++i) once();
}

std::size_t TreeOperations::below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
}

void TreeOperations::touch(const std::string& path) {
    touched.insert(path);
    if (const auto slash = path.rfind('/'); slash != std::string::npos)
        touched.insert(path.substr(0, slash));
}

std::vector<std::string> TreeOperations::all(bool directories_only) const {
    std::vector<std::string> paths;
    for (const auto& item : fs::recursive_directory_iterator(root_))
        if (!directories_only || (item.is_directory() && !item.is_symlink()))
            paths.push_back(item.path().lexically_relative(root_));
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::string TreeOperations::any() {
    const auto paths = all(false);
    return paths.empty() ? "" : paths[below(paths.size())];
}

std::string TreeOperations::any_directory() {
    auto paths = all(true);
    paths.emplace_back("");
    return paths[below(paths.size())];
}

/// Some names sort before '/', and some are not UTF-8. Names are reused, with another type.
std::string TreeOperations::new_name() {
    static const std::array<std::string, 10> names{"a", "b", "a-", "a.b",  "\n\xff",
                                                   "-", "B", "c",  "a\\n", " "};
    const auto directory = any_directory();
    return (directory.empty() ? "" : directory + '/') + names[below(names.size())];
}

void TreeOperations::write_new(const std::string& path) {
    if (fs::is_directory(fs::symlink_status(root_ / path))) return;
    if (fs::is_symlink(fs::symlink_status(root_ / path))) fs::remove(root_ / path);
    write(root_ / path, std::to_string(++made_) + std::string(below(300), 'x'));
    touch(path);
}

void TreeOperations::once() {
    const auto name = new_name();
    const auto there = any();
    const bool is_new = !fs::exists(fs::symlink_status(root_ / name));
    const auto type = fs::symlink_status(root_ / there).type();
    switch (below(8)) {
        case 0:
        case 1:
            return write_new(name);
        case 2:
            if (is_new && fs::create_directory(root_ / name)) touch(name);
            return;
        case 3:
            if (!is_new) return;
            fs::create_symlink("target" + std::to_string(++made_), root_ / name);
            return touch(name);
        case 4:
            if (type != fs::file_type::regular) return;
            return write_new(there);
        case 5:
            if (there.empty() || type == fs::file_type::symlink) return;
            fs::permissions(root_ / there, fs::perms(0700 | below(64)));
            return touch(there);
        case 6:
            if (type != fs::file_type::regular || !is_new) return;
            fs::rename(root_ / there, root_ / name);
            touch(there);
            return touch(name);
        default:
            // Each removal is reported, because rm -r removes them one by one.
            if (there.empty() || below(2) == 0) return;
            for (const auto& path : all(false))
                if (path == there || path.starts_with(there + '/')) touch(path);
            fs::remove_all(root_ / there);
    }
}

}  // namespace mastobak::test
