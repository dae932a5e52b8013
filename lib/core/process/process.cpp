// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <utility>

#include "core/files/unique_fd.hpp"
#include "core/process/error_lines.hpp"
#include "core/text.hpp"

namespace mastobak {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t block_size = 256 * 1024;
constexpr std::size_t kept_output = 16 * 1024 * 1024;

[[noreturn]] void fail(std::string_view doing, const Command& command) {
    const int error = errno;
    throw errno_error(Errc::environment, fmt::format("{} '{}'", doing, command.argv.at(0)), error);
}

struct Pipe {
    UniqueFd read, write;
    explicit Pipe(const Command& command) {
        std::array<int, 2> fds{};
        if (::pipe2(fds.data(), O_CLOEXEC) != 0) fail("make a pipe for", command);
        read.reset(fds[0]);
        write.reset(fds[1]);
    }
    // A large pipe saves a context switch for every 64 KiB. A refusal (the user's limit) costs
    // only speed.
    void widen() { static_cast<void>(::fcntl(read.get(), F_SETPIPE_SZ, 1 << 20)); }
};

std::vector<std::string> child_environment(const Command& command) {
    auto values = command.environment;
    const auto inherit = [&values](const char* name) {
        if (const char* value = std::getenv(name)) values.try_emplace(name, value);
    };
    for (const char* name : {"PATH", "HOME", "LANG", "TZ"}) inherit(name);
    if (command.proxies)
        for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                 "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
            inherit(name);
    std::vector<std::string> environment;
    for (const auto& [name, value] : values) environment.push_back(name + "=" + value);
    return environment;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (auto& s : strings) result.push_back(s.data());
    result.push_back(nullptr);
    return result;
}

// Between fork and exec of a process with threads: only async-signal-safe calls.
[[noreturn]] void become(const char* program, char* const* argv, char* const* environment, int in,
                         int out, int err, int status, const Command& command, const Wall* wall,
                         pid_t parent) {
    const auto give_up = [status] {
        const int error = errno;
        static_cast<void>(!::write(status, &error, sizeof error));
        ::_exit(127);
    };
    // A new session has no terminal. With the terminal of an administrator, a program of another
    // user could insert keystrokes (ioctl_tty(2), TIOCSTI). The child is a group leader as well, so
    // that the whole group can be killed.
    if (::setsid() < 0) give_up();
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up();
    if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    // Children get no capabilities, except when this process is root (in tests, or --standalone).
    static_cast<void>(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    if (command.nice != 0) static_cast<void>(::setpriority(PRIO_PROCESS, 0, command.nice));
    if (command.largest_file) {
        const rlimit limit{command.largest_file->count, command.largest_file->count};
        // The signal is ignored, so that the program can report what it could not write.
        ::signal(SIGXFSZ, SIG_IGN);
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) give_up();
    }
    // A core dump would contain the secrets of the command.
    const rlimit no_core{0, 0};
    if (::setrlimit(RLIMIT_CORE, &no_core) != 0) give_up();
    if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) give_up();
    if (wall != nullptr && !wall->enclose()) give_up();
    ::execve(program, argv, environment);
    give_up();
    ::_exit(127);
}

/// The child process. The destructor kills it, if it has not ended, and waits for it.
class Child {
 public:
    explicit Child(pid_t pid)
        : pid_(pid), pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
    ~Child() {
        if (reaped_) return;
        kill(SIGKILL);
        wait();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int pidfd() const { return pidfd_.get(); }
    void kill(int signal) const { ::kill(-pid_, signal); }
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        reaped_ = true;
        return status;
    }

 private:
    pid_t pid_;
    UniqueFd pidfd_;
    bool reaped_ = false;
};

/// Input that the child has not read yet.
struct Input {
    std::vector<std::byte> block = std::vector<std::byte>(block_size);
    std::span<const std::byte> rest;
};

/// Moves data between the child's pipes and the callbacks until the child has ended.
class Conversation {
 public:
    Conversation(const Command& command, Child& child, UniqueFd in, UniqueFd out, UniqueFd err,
                 std::stop_token stop)
        : command_(command),
          child_(child),
          in_(std::move(in)),
          out_(std::move(out)),
          err_(std::move(err)),
          stop_(std::move(stop)),
          wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          lines_(command.on_error_line) {
        if (!wake_) fail("make an eventfd for", command);
        for (int fd : {in_.get(), out_.get(), err_.get()})
            if (fd >= 0) ::fcntl(fd, F_SETFL, O_NONBLOCK);
        if (command_.timeout) deadline_ = Steady::now() + *command_.timeout;
        note_output();
    }

    Finished hold() {
        const std::stop_callback wake(stop_, [fd = wake_.get()] { ::eventfd_write(fd, 1); });
        while (!ended_ || out_ || err_) {
            step();
            // A grandchild may hold the pipes open after the child's end.
            if (ended_ && killed_) break;
        }
        lines_.finish();
        finished_.error_tail = lines_.tail();
        const int status = child_.wait();
        if (WIFEXITED(status)) finished_.exit_status = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) finished_.signal = WTERMSIG(status);
        if (failure_) std::rethrow_exception(failure_);
        if (stop_.stop_requested())
            throw Error(Errc::cancelled, fmt::format("'{}' was cancelled", command_.argv[0]));
        return std::move(finished_);
    }

 private:
    void step() {
        std::array<pollfd, 5> fds{{{ended_ ? -1 : child_.pidfd(), POLLIN, 0},
                                   {killed_ || terminated_ ? -1 : wake_.get(), POLLIN, 0},
                                   {out_.get(), POLLIN, 0},
                                   {err_.get(), POLLIN, 0},
                                   {in_.get(), POLLOUT, 0}}};
        if (::poll(fds.data(), fds.size(), wait_ms()) < 0 && errno != EINTR)
            fail("wait for", command_);
        try {
            if (fds[2].revents != 0) read_output();
            if (fds[3].revents != 0) read_errors();
            if (fds[4].revents != 0) write_input();
        } catch (...) {
            // The first failure is reported; the rest of the output is discarded.
            if (!failure_) failure_ = std::current_exception();
            in_.reset();
            out_.reset();
        }
        if (fds[0].revents != 0) ended_ = true;
        const auto now = Steady::now();
        const bool silent = !terminated_ && silent_at_ && now >= *silent_at_;
        const bool late = silent || (deadline_ && now >= *deadline_);
        if (ended_) {
            // Its output may still be in the pipe. After a stop signal the output is not needed.
            in_.reset();
            if (terminated_) killed_ = true;
            if (late) killed_ = true;
        } else if (!terminated_ && (failure_ || stop_.stop_requested() || late)) {
            finished_.timed_out = late && !failure_ && !stop_.stop_requested();
            finished_.was_silent = silent && finished_.timed_out;
            child_.kill(command_.stop_signal);
            terminated_ = true;
            silent_at_.reset();
            deadline_ = Steady::now() + command_.kill_after;
        } else if (terminated_ && !killed_ && late) {
            child_.kill(SIGKILL);
            killed_ = true;
            deadline_.reset();
        }
    }

    void note_output() {
        if (command_.silence && !terminated_) silent_at_ = Steady::now() + *command_.silence;
    }

    int wait_ms() const {
        auto next = deadline_;
        if (silent_at_) next = std::min(next.value_or(*silent_at_), *silent_at_);
        if (!next) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Steady::now());
        return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
    }

    void read_output() {
        const auto n = ::read(out_.get(), block_.data(), block_.size());
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n <= 0) return out_.reset();
        const auto size = static_cast<std::size_t>(n);
        // The limit of silence begins after the callback, which may take a long time.
        if (command_.on_output) {
            command_.on_output({block_.data(), size});
            return note_output();
        }
        note_output();
        // An error, because a truncated listing would look complete.
        if (size > kept_output - finished_.output.size())
            throw Error(Errc::environment,
                        fmt::format("'{}' wrote more than 16 MiB to its output", command_.argv[0]));
        finished_.output.append(reinterpret_cast<const char*>(block_.data()), size);
    }

    void read_errors() {
        std::array<char, 4096> text{};
        const auto n = ::read(err_.get(), text.data(), text.size());
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n <= 0) return err_.reset();
        lines_.take({text.data(), static_cast<std::size_t>(n)});
    }

    void write_input() {
        if (input_.rest.empty()) {
            const auto size = command_.input(input_.block);
            if (size == 0) return in_.reset();
            input_.rest = std::span<const std::byte>(input_.block).first(size);
        }
        const auto n = ::write(in_.get(), input_.rest.data(), input_.rest.size());
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) return in_.reset();  // the child has closed its input: its exit status says why
        input_.rest = input_.rest.subspan(static_cast<std::size_t>(n));
    }

    const Command& command_;
    Child& child_;
    UniqueFd in_, out_, err_;
    std::stop_token stop_;
    UniqueFd wake_;
    ErrorLines lines_;
    std::vector<std::byte> block_ = std::vector<std::byte>(block_size);
    Input input_;
    std::optional<Steady::time_point> deadline_;
    std::optional<Steady::time_point> silent_at_;
    bool ended_ = false;
    bool terminated_ = false;
    bool killed_ = false;
    std::exception_ptr failure_;
    Finished finished_;
};

void throw_if_not_started(UniqueFd status, Child& child, const Command& command) {
    int error = 0;
    if (::read(status.get(), &error, sizeof error) != sizeof error) return;
    child.wait();
    errno = error;
    fail("run", command);
}

}  // namespace

std::string Finished::reason() const {
    auto last = error_tail;
    while (!last.empty() && last.back() == '\n') last.pop_back();
    if (const auto at = last.rfind('\n'); at != std::string::npos) last.erase(0, at + 1);
    const auto why = was_silent    ? std::string("no output for too long")
                     : timed_out   ? std::string("no end within its time limit")
                     : signal != 0 ? fmt::format("killed by signal {}", signal)
                                   : fmt::format("exit status {}", exit_status);
    return last.empty() ? why : fmt::format("{}: {}", why, last);
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
    if (name.find('/') != std::string_view::npos) return std::filesystem::path(name);
    const char* path = std::getenv("PATH");
    for (const auto directory : split(path ? path : "/usr/bin:/bin", ":")) {
        const auto file = std::filesystem::path(directory) / name;
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    return std::nullopt;
}

Finished run(const Command& command, std::stop_token stop) {
    const auto program = find_program(command.argv.at(0));
    if (!program)
        throw Error(Errc::environment, fmt::format("'{}' is not installed", command.argv[0]),
                    fmt::format("install the package that has it: 'apt install {0}', or what "
                                "'apt-file search bin/{0}' says",
                                command.argv[0]));
    std::optional<Wall> wall;
    if (command.reach) wall.emplace(*command.reach, *program);
    Pipe out(command), err(command), status(command);
    std::optional<Pipe> in;
    if (command.input) {
        in.emplace(command);
        in->widen();
    }
    out.widen();
    const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));

    auto arguments = command.argv;
    auto variables = child_environment(command);
    const auto argv = pointers(arguments);
    const auto environment = pointers(variables);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) fail("start", command);
    if (pid == 0)
        become(program->c_str(), argv.data(), environment.data(), in ? in->read.get() : null.get(),
               out.write.get(), err.write.get(), status.write.get(), command,
               wall ? &*wall : nullptr, parent);
    Child child(pid);
    status.write.reset();
    out.write.reset();
    err.write.reset();
    if (in) in->read.reset();
    throw_if_not_started(std::move(status.read), child, command);
    Conversation conversation(command, child, in ? std::move(in->write) : UniqueFd(),
                              std::move(out.read), std::move(err.read), std::move(stop));
    return conversation.hold();
}

}  // namespace mastobak
