// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/instance/shape.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace mastobak::instance;

namespace {

std::vector<File> files_of(const Shape& shape) {
    std::vector<File> files;
    for (const auto& item : make_items(shape))
        files.insert(files.end(), item.files.begin(), item.files.end());
    return files;
}

bool near(double value, double wanted, double tolerance) {
    return std::abs(value - wanted) <= wanted * tolerance;
}

std::size_t count_directories(const std::vector<File>& files) {
    std::set<std::string> directories;
    for (const auto& file : files)
        for (auto at = file.path.find('/'); at != std::string::npos;
             at = file.path.find('/', at + 1))
            directories.insert(file.path.substr(0, at));
    return directories.size();
}

}  // namespace

TEST_CASE("an id is cut into directories as Paperclip does") {
    CHECK(id_partition(1) == "000/000/001");
    CHECK(id_partition(1234567) == "001/234/567");
    CHECK(id_partition(999999999) == "999/999/999");
    // Twelve digits from 10^9 on; further digits are dropped.
    CHECK(id_partition(1000000000) == "001/000/000/000");
    CHECK(id_partition(109876543210987654) == "109/876/543/210/987/654");
    CHECK(id_partition(1098765432109876543) == "109/876/543/210/987/654");
}

TEST_CASE("a tree has Mastodon's shape") {
    const auto files = files_of({.files = 60'000});
    std::vector<std::uint64_t> sizes;
    for (const auto& file : files) sizes.push_back(file.size);
    std::sort(sizes.begin(), sizes.end());

    REQUIRE(files.size() == 60'000);
    CHECK(near(static_cast<double>(sizes[30'000]), 57e3, 0.05));
    CHECK(near(static_cast<double>(sizes[59'400]), 1.4e6, 0.1));
    CHECK(sizes.back() > 10'000'000);
    CHECK(near(static_cast<double>(count_directories(files)) / 60'000, 3, 0.05));
}

TEST_CASE("paths are unique, and the same seed makes the same ones") {
    const auto files = files_of({.files = 5000, .remote = 0.5});
    std::set<std::string> paths;
    for (const auto& file : files) paths.insert(file.path);
    CHECK(paths.size() == files.size());

    const auto again = files_of({.files = 5000, .remote = 0.5});
    CHECK(std::equal(files.begin(), files.end(), again.begin(), [](const File& a, const File& b) {
        return a.path == b.path && a.size == b.size;
    }));
    CHECK(files_of({.files = 5000, .seed = 2}).front().path != files.front().path);
}

TEST_CASE("what is other servers' lies under cache, and only that") {
    for (const auto& item : make_items({.files = 2000, .remote = 0.5})) {
        INFO(item.files.front().path);
        CHECK(item.files.front().path.starts_with("cache/") == !item.local);
        CHECK(item.files.front().path.ends_with("/original/" + item.file_name));
    }
}
