// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/image_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>

#include "containers/drill_container.hpp"
#include "containers/engine.hpp"
#include "containers/exec/exec.hpp"
#include "containers/exec/pg_dump.hpp"
#include "containers/exec/pg_restore.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/scratch/scratch_settings.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::milliseconds look_interval{100};
constexpr std::chrono::seconds time_to_end{15};
/// pg_restore reports nothing while it builds a large index.
constexpr std::chrono::hours longest_silence{48};
constexpr auto turn_file = "turn";
/// The exit status of a shell for a program that was killed, for example for its memory.
constexpr int killed_status = 128 + SIGKILL;

/// Runs a call of the helper. A failure there is one of this host.
/// \param hint for a failure that has none
template <typename Work>
auto of_this_host(const std::string& what, Work work, const std::string& hint = {}) {
    try {
        return work();
    } catch (const Error& error) {
        if (error.code() != Errc::units) throw;
        throw Error(Errc::environment, what + ": " + error.text(),
                    error.hint().empty() ? hint : error.hint());
    }
}

UniqueFd open_locked(const fs::path& file, int flags) {
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
    if (!fd) throw errno_error(Errc::environment, fmt::format("open '{}'", file.native()), errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(Errc::environment, "another drill in a container runs on this host",
                    "repeat this one when it has ended");
    return fd;
}

/// Returns the last line of what the server complains of. Its user is hostile.
std::string last_complaint(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    std::array<char, 2048> block{};
    struct stat found {};
    if (!fd || ::fstat(fd.get(), &found) != 0 || !S_ISREG(found.st_mode)) return {};
    const auto size = static_cast<off_t>(block.size());
    const auto read = ::pread(fd.get(), block.data(), block.size(),
                              found.st_size > size ? found.st_size - size : 0);
    std::string_view text(block.data(), read > 0 ? static_cast<std::size_t>(read) : 0);
    while (text.ends_with('\n')) text.remove_suffix(1);
    return readable(std::string(text.substr(text.rfind('\n') + 1)));
}

Finished dump_there(const DrillContainers& where, const std::string& id,
                    const postgres::DumpCall& call, const std::stop_token& stop) {
    const auto& settings = call.settings;
    const containers::PgDump dump{.address = where.places.sockets,
                                  .database = settings.database,
                                  .user = settings.user,
                                  .password = settings.password,
                                  .session_options = call.session_options,
                                  .application = call.application,
                                  .snapshot = call.snapshot,
                                  .definitions_only = call.definitions_only,
                                  .lock_timeout = call.lock_timeout,
                                  .connect_timeout = settings.connect_timeout};
    return of_this_host("pg_dump in the container of the drill", [&] {
        return containers::run_in_container({.socket = where.socket, .stop = stop}, id,
                                            containers::exec_body(dump),
                                            {call.on_output, call.on_error_line, call.silence});
    });
}

Finished restore_there(const DrillContainers& where, const std::string& id,
                       const postgres::RestoreCall& call, const std::stop_token& stop) {
    const auto& places = where.places;
    write_file(places.list(), call.list, 0600, Errc::environment);
    const auto& settings = call.settings;
    const containers::PgRestore restore{.reader = fmt::format("{}:{}", ::geteuid(), ::getegid()),
                                        .sockets = places.sockets,
                                        .dump = call.dump,
                                        .list = places.list(),
                                        .database = settings.database,
                                        .user = settings.user,
                                        .password = settings.password,
                                        .session_options = call.session_options,
                                        .role = call.role,
                                        .jobs = call.jobs,
                                        .exit_on_error = call.exit_on_error,
                                        .no_privileges = call.no_privileges};
    auto finished = of_this_host("pg_restore in the container of the drill", [&] {
        return containers::run_in_container(
            {.socket = where.socket, .stop = stop}, id, containers::exec_body(restore),
            {[](std::span<const std::byte>) {}, call.on_error_line, longest_silence});
    });
    if (finished.exit_status != killed_status) return finished;
    finished.exit_status = -1;
    finished.signal = SIGKILL;
    return finished;
}

}  // namespace

std::optional<std::string> image_for_drill(const DrillContainers& where,
                                           const std::string& recorded,
                                           const std::stop_token& stop) {
    if (where.socket.empty()) return std::nullopt;
    const containers::Connection to{.socket = where.socket, .stop = stop};
    if (containers::can_drill_in(to, recorded)) return recorded;
    for (const auto& one : containers::list(to, where.project)) {
        if (one.name.service != where.service) continue;
        const auto container = containers::inspect(to, one.id);
        if (container && containers::can_drill_in(to, container->image_id))
            return container->image_id;
    }
    return std::nullopt;
}

std::string image_in_words(const std::string& image) {
    constexpr std::size_t short_id = 12;
    return "image " + image.substr(0, short_id);
}

ImageServer::ImageServer(const DrillContainers& where, const std::string& image,
                         std::string instead, std::stop_token stop)
    : containers_(where), image_(image), instead_(std::move(instead)) {
    take_directory();
    try {
        id_ = of_this_host(
            "PostgreSQL in " + image_in_words(image_),
            [&] { return containers::start_drill({.socket = where.socket, .stop = stop}, image_); },
            instead_);
    } catch (...) {
        end();
        throw;
    }
}

ImageServer::~ImageServer() {
    end();
}

// Root does not write into a directory of another user, who could lead it elsewhere by a symlink.
void ImageServer::take_directory() {
    const auto& files = containers_.places.files;
    struct stat found {};
    if (::stat(files.c_str(), &found) != 0)
        throw errno_error(Errc::environment, fmt::format("use '{}'", files.native()), errno,
                          "'systemd-tmpfiles --create mastobak.conf' creates it");
    if (found.st_uid != ::geteuid())
        throw Error(Errc::environment,
                    fmt::format("a drill in a container needs '{}', which belongs to another user",
                                files.native()),
                    "let the daemon drill ('mastobak drill' without --standalone), or " + instead_);
    turn_ = open_locked(files / turn_file, 0);
    empty_directory();
    // The name appears with the lock, so that no process of an earlier server can take it first.
    const auto made = files / "alive.new";
    alive_ = open_locked(made, O_EXCL);
    if (::fchmod(alive_.get(), 0644) != 0 ||
        ::rename(made.c_str(), containers_.places.alive().c_str()) != 0)
        throw errno_error(Errc::environment, fmt::format("make '{}'", made.native()), errno);
}

void ImageServer::empty_directory() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(containers_.places.files, ignored))
        if (entry.path().filename() != turn_file) fs::remove_all(entry.path(), ignored);
}

void ImageServer::require_running() const {
    const containers::Connection to{.socket = containers_.socket};
    const auto in = "PostgreSQL in " + image_in_words(image_);
    if (of_this_host(in, [&] { return containers::drill_runs(to, id_); })) return;
    const auto why = last_complaint(containers_.places.sockets / postgres::scratch_log);
    throw Error(Errc::environment,
                fmt::format("{} has ended: {}", in, why.empty() ? "it gives no reason" : why),
                instead_);
}

bool ImageServer::ends_in_time() const {
    const containers::Connection to{.socket = containers_.socket};
    const auto deadline = std::chrono::steady_clock::now() + time_to_end;
    std::mutex mutex;
    std::condition_variable wake;
    std::unique_lock lock(mutex);
    while (containers::drill_exists(to, id_)) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        wake.wait_for(lock, look_interval, [] { return false; });
    }
    return true;
}

void ImageServer::end() noexcept {
    try {
        alive_.reset();
        if (!id_.empty() && !ends_in_time())
            containers::remove_drill({.socket = containers_.socket}, id_);
    } catch (const std::exception&) {
        // Without the lock, the server ends by itself.
    }
    try {
        empty_directory();
    } catch (const std::exception&) {
    }
}

postgres::Tools ImageServer::tools(int server_major, const std::stop_token& stop) const {
    const auto place = image_in_words(image_);
    const auto version = of_this_host("pg_dump in " + place, [&] {
        return containers::pg_dump_version({.socket = containers_.socket, .stop = stop}, id_,
                                           place);
    });
    return {
        .pg_dump = "pg_dump",
        .pg_restore = "pg_restore",
        .major = postgres::major_of(version),
        .version = version,
        .server_major = server_major,
        .place = place,
        .run = [where = containers_, id = id_](
                   const postgres::DumpCall& call,
                   const std::stop_token& stopped) { return dump_there(where, id, call, stopped); },
        .run_restore =
            [where = containers_, id = id_](const postgres::RestoreCall& call,
                                            const std::stop_token& stopped) {
                return restore_there(where, id, call, stopped);
            },
        .image = image_};
}

}  // namespace mastobak::restore
