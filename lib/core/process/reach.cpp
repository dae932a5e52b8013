// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/reach.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <system_error>

#include "core/error.hpp"

namespace mastobak {
namespace fs = std::filesystem;

namespace {

// The numbers are the same on every architecture, and older headers lack them.
constexpr long create_ruleset = 444, add_rule = 445, restrict_self = 446;
constexpr std::uint64_t refer = 1u << 13, truncate = 1u << 14;
constexpr std::uint64_t scope_abstract_sockets = 1u << 0, scope_signals = 1u << 1;

/// struct landlock_ruleset_attr of Linux 6.12. For an older kernel, only its beginning is passed.
struct RulesetAttributes {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;
    std::uint64_t scoped = 0;
};

constexpr std::uint64_t read_only = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
                        run_too = read_only | LANDLOCK_ACCESS_FS_EXECUTE,
                        write_too = read_only | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                    refer | truncate,
                        of_a_file = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                    LANDLOCK_ACCESS_FS_EXECUTE | truncate;

/// The limit of open files of a program. rclone and pg_restore need hundreds.
constexpr rlim_t most_files = 8192;

/// Returns the version of Landlock's interface, or 0 with errno.
int landlock_version() {
    const auto version = ::syscall(create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : static_cast<int>(version);
}

UniqueFd make_ruleset(int version, std::uint64_t& handled) {
    if (version == 0) return {};
    handled = (1u << 13) - 1;  // all access rights of the first version
    if (version >= 2) handled |= refer;
    if (version >= 3) handled |= truncate;
    RulesetAttributes attributes{.handled_access_fs = handled};
    std::size_t size = sizeof attributes.handled_access_fs;
    if (version >= 6) {
        attributes.scoped = scope_abstract_sockets | scope_signals;
        size = sizeof attributes;
    }
    UniqueFd ruleset(static_cast<int>(::syscall(create_ruleset, &attributes, size, 0)));
    if (!ruleset) throw errno_error(Errc::environment, "make a ruleset of Landlock", errno);
    return ruleset;
}

bool is_public(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    const mode_t wanted = S_ISDIR(status.st_mode) ? S_IROTH | S_IXOTH : S_IROTH;
    return (status.st_mode & wanted) == wanted;
}

/// Returns whether names of hosts are resolved through a Unix socket: that of avahi, for
/// "nas.local". systemd-resolved does not need its socket, because it is asked by DNS as well.
bool looks_up_by_socket() {
    std::ifstream file("/etc/nsswitch.conf");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("hosts:") && line.find("mdns") != std::string::npos) return true;
    return false;
}

Reach::Sockets needed(Reach::Sockets sockets) {
    return sockets == Reach::Sockets::of_the_internet && looks_up_by_socket() ? Reach::Sockets::all
                                                                              : sockets;
}

// Only for architectures on which socket(2) is a system call of its own, and not part of
// socketcall(2).
#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t architecture = AUDIT_ARCH_RISCV64;
#else
constexpr std::uint32_t architecture = 0;
#endif

bool filter_sockets(Reach::Sockets sockets) noexcept {
    if (architecture == 0) return true;
    using enum Reach::Sockets;
    // AF_MAX is not a valid family, so a comparison with it never allows a socket.
    const std::uint32_t of_host = sockets == of_this_host || sockets == all ? AF_UNIX : AF_MAX;
    const bool internet = sockets == of_the_internet || sockets == all;
    const std::uint32_t inet = internet ? AF_INET : AF_MAX, inet6 = internet ? AF_INET6 : AF_MAX;
    const auto load = [](std::size_t offset) {
        return sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
    };
    const auto skip_if = [](std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
        return sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no);
    };
    const auto answer = [](std::uint32_t value) {
        return sock_filter BPF_STMT(BPF_RET | BPF_K, value);
    };
    std::array program{
        load(offsetof(seccomp_data, arch)),
        skip_if(architecture, 0, 4),
        load(offsetof(seccomp_data, nr)),
        // System calls of x32 have this bit. io_uring can open sockets without socket(2).
        sock_filter BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 2, 0),
        skip_if(SYS_io_uring_setup, 1, 0),
        skip_if(SYS_socket, 1, 6),
        answer(SECCOMP_RET_ERRNO | ENOSYS),
        // The lower half of the argument comes first, because the architectures above are
        // little-endian.
        load(offsetof(seccomp_data, args)),
        skip_if(of_host, 3, 0),
        skip_if(inet, 2, 0),
        skip_if(inet6, 1, 0),
        answer(SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        answer(SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// A child of root would get all capabilities at exec(3). For other users the calls fail, and there
/// is nothing to drop.
void drop_capabilities() noexcept {
    for (unsigned long each = 0; each < 64; ++each)
        if (each != CAP_DAC_OVERRIDE && each != CAP_DAC_READ_SEARCH)
            static_cast<void>(::prctl(PR_CAPBSET_DROP, each, 0, 0, 0));
}

bool limit_files() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    if (limit.rlim_max <= most_files) return true;
    limit.rlim_max = most_files;
    if (limit.rlim_cur > most_files) limit.rlim_cur = most_files;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

Wall::Wall(const Reach& reach, const fs::path& program)
    : ruleset_(make_ruleset(landlock_version(), handled_)), sockets_(needed(reach.sockets)) {
    if (!ruleset_) return;
    allow_system(program);
    // Files of `reads` may be executed, because a configuration may name a script. Written files
    // may not.
    for (const auto& path : reach.reads) allow(path, run_too);
    for (const auto& path : reach.writes) allow(path, write_too);
    for (const auto& path : reach.lists) allow(path, LANDLOCK_ACCESS_FS_READ_DIR);
}

void Wall::allow(const fs::path& path, std::uint64_t access) {
    if (path.empty()) return;
    // The slash triggers an automount.
    UniqueFd there(::open((path.native() + "/").c_str(), O_PATH | O_CLOEXEC));
    const bool is_directory = static_cast<bool>(there);
    if (!is_directory) there.reset(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!there) return;
    if (!is_directory) access &= of_a_file;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = access & handled_;
    rule.parent_fd = there.get();
    if (::syscall(add_rule, ruleset_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        throw errno_error(Errc::environment,
                          fmt::format("confine a program to '{}'", path.native()), errno);
}

// Allows each entry by its name, because a rule for the whole directory cannot have exceptions.
void Wall::allow_public(const fs::path& directory) {
    std::error_code ignored;
    for (fs::directory_iterator entry(directory, ignored), end; entry != end;
         entry.increment(ignored)) {
        const auto& path = entry->path();
        if (path == "/etc/mastobak" || !is_public(path)) continue;
        // A program of root can read private keys in public directories (/etc/ssl/private).
        if (::geteuid() == 0 && entry->symlink_status(ignored).type() == fs::file_type::directory)
            allow_public(path);
        else
            allow(path, read_only);
    }
}

void Wall::allow_system(const fs::path& program) {
    for (const auto* path : {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt",
                             "/nix/store", "/gnu/store"})
        allow(path, run_too);
    std::error_code ignored;
    for (const auto& file : {program, fs::canonical(program, ignored)}) {
        allow(file.parent_path(), run_too);
        for (const auto* beside : {"lib", "lib64"})
            allow(file.parent_path().parent_path() / beside, run_too);
    }
    allow_public("/etc");
    // The directories that /etc/resolv.conf links to, not only the file, which may be replaced
    // during a long upload.
    for (const auto* path : {"/proc", "/sys", "/run/systemd/resolve", "/run/NetworkManager",
                             "/run/resolvconf", "/run/connman"})
        allow(path, read_only);
    for (const auto* path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
        allow(path, read_only | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate);
}

bool Wall::enclose() const noexcept {
    drop_capabilities();
    if (!limit_files()) return false;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    if (ruleset_ && ::syscall(restrict_self, ruleset_.get(), 0) != 0) return false;
    return filter_sockets(sockets_);
}

std::string why_paths_are_open() {
    if (landlock_version() > 0) return {};
    const int error = errno;
    return fmt::format("the kernel does not offer Landlock: {}",
                       std::generic_category().message(error));
}

}  // namespace mastobak
