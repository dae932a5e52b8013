// SPDX-License-Identifier: GPL-3.0-or-later
//
// The results of preflight for real file systems. Needs root.
#include <sys/mount.h>

#include <filesystem>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "store/staging.hpp"
#include "support/catch.hpp"
#include "support/must_run.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// A file system that is mounted during the lifetime of the object.
class Mounted {
 public:
    explicit Mounted(const std::string& type, const std::string& options = "") {
        fs::create_directories(path_);
        if (type == "tmpfs") {
            must_run({"mount", "-t", type, "-o", "size=1M" + options, "none", path_.native()});
            return;
        }
        const auto image = (directory_ / "image").native();
        must_run({"truncate", "-s", type == "ext4" ? "8M" : "400M", image});
        must_run({"mkfs." + type, "-q", image});
        must_run({"mount", "-o", "loop" + options, image, path_.native()});
    }
    ~Mounted() { ::umount2(path_.c_str(), MNT_DETACH); }
    Mounted(const Mounted&) = delete;
    Mounted& operator=(const Mounted&) = delete;

    const fs::path& path() const { return path_; }
    /// Returns the error. The test fails if the file system is accepted.
    Error refusal() const {
        try {
            store::check_file_system(path_);
        } catch (const Error& error) {
            CHECK(error.code() == Errc::staging);
            CHECK(error.text().starts_with("the staging directory '"));
            return error;
        }
        FAIL("taken");
        return Error(Errc::internal, "");
    }

 private:
    TemporaryDirectory directory_;
    const fs::path path_ = directory_ / "mounted";
};

}  // namespace

TEST_CASE("local file systems are taken, and left as they were") {
    for (const auto* type : {"tmpfs", "ext4"}) {
        CAPTURE(type);
        const Mounted disk(type);
        CHECK_NOTHROW(store::check_file_system(disk.path()));
        fs::remove(disk.path() / "lost+found");
        CHECK(fs::is_empty(disk.path()));
    }
}

TEST_CASE("a file system that is read-only is told with the setting of the unit") {
    const Mounted disk("ext4", ",ro");
    const auto error = disk.refusal();
    CHECK(error.text().find("Read-only file system") != std::string::npos);
    CHECK(error.hint().find("ReadWritePaths=") != std::string::npos);
}

TEST_CASE("a file system without room, or without inodes, is told so") {
    SECTION("room") {
        const Mounted disk("tmpfs");
        try {
            write_file(disk.path() / "full", std::string(std::size_t{2} << 20, 'x'));
        } catch (const Error&) {
        }
        {
            HashingFile file(disk.path() / "filled");
            const std::vector<std::byte> block(4096);
            CHECK_THROWS_AS(
                [&] {
                    for (;;) file.write(block);
                }(),
                Error);
        }
        CHECK(disk.refusal().hint().find("make room") != std::string::npos);
    }
    SECTION("inodes") {
        const Mounted disk("tmpfs", ",nr_inodes=2");
        CHECK(disk.refusal().text().find("No space left on device") != std::string::npos);
    }
}
