// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/journal_keeper.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "async/timers.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "media/journal/journal_reader.hpp"
#include "units/descriptor_store.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// The pause between reads. In the meantime, the kernel merges repeated events of the same file.
constexpr auto pause = 1s;
/// The limit of read_file().
constexpr std::size_t most_memory = std::size_t{64} << 20;

UniqueFd duplicate(const UniqueFd& fd) {
    UniqueFd copy(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) throw errno_error(Errc::internal, "duplicate a descriptor", errno);
    return copy;
}

/// Reads and removes the saved contents of the journal of that name. They are valid only once,
/// because the process that has read them then reads further events from the journal.
std::string take_memory(const fs::path& file, const std::string& name) {
    std::string text;
    try {
        text = read_beneath(file.parent_path(), file.filename());
    } catch (const Error&) {
        return {};  // usually, the file does not exist
    }
    std::error_code error;
    if (!fs::remove(file, error)) return {};
    const auto first = name + '\n';
    return text.starts_with(first) ? text.substr(first.size()) : std::string();
}

/// Ends all its threads before it returns.
std::optional<backup::MediaTree> media_of_host(const config::Config& config) {
    asio::thread_pool pool(1);
    return with_systemd(config.instance, [&](units::UnitControl& control) {
        return backup::find_media(config, control, pool);
    });
}

}  // namespace

JournalKeeper::JournalKeeper(std::shared_ptr<spdlog::logger> log, const fs::path& state_directory)
    : log_(std::move(log)), file_(state_directory / "journal-memory") {
    for (auto& stored : units::take_stored_descriptors()) {
        if (!stored.name.starts_with(journal_name_prefix)) continue;
        name_ = std::move(stored.name);
        group_ = std::move(stored.fd);
    }
    memory_ = take_memory(file_, name_);
}

JournalKeeper::~JournalKeeper() = default;

async::Task<> JournalKeeper::open(config::Config config, units::UnitControl& control,
                                  asio::thread_pool& pool) {
    if (!group_) co_return;
    std::exception_ptr failure;
    try {
        const auto tree = co_await backup::find_media(config, control, pool);
        use(tree);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    // A cancellation does not mean that the journal is unusable. It stays in force, so each further
    // co_await would throw.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(failure);
    journal_.reset();
    log_->warn("the change journal is not in use: {}, ignoring", describe(failure));
}

void JournalKeeper::use(const std::optional<backup::MediaTree>& tree) {
    if (journal_ && tree && journal_->root() == tree->root &&
        journal_->excluded() == tree->excluded)
        return;
    journal_.reset();
    if (!tree) return;
    journal_ =
        std::make_unique<media::ChangeJournal>(duplicate(group_), tree->root, tree->excluded);
    const bool whole = journal_->resume(std::exchange(memory_, {}));
    log_->info("change journal of '{}': {}", tree->root.native(),
               whole ? "continues where the last daemon has ended" : "begins with the next run");
}

async::Task<> JournalKeeper::keep_queue_short() {
    if (!group_) co_return;
    const auto executor = co_await asio::this_coro::executor;
    asio::posix::stream_descriptor readable(executor, duplicate(group_).release());
    media::JournalReader unused(group_.get());
    for (;;) {
        co_await readable.async_wait(asio::posix::stream_descriptor::wait_read,
                                     asio::use_awaitable);
        if (journal_) {
            journal_->drain();
        } else {
            memory_.clear();  // it is useless without the later events, which are dropped here
            while (unused.next()) continue;
        }
        co_await async::wait_for(pause);
    }
}

// A journal with a gap is useless. The next daemon gets a new one, which may cover more, for
// example a file system that was mounted again.
void JournalKeeper::save() {
    if (!group_) return;
    const auto memory = journal_ ? journal_->serialize() : std::nullopt;
    if (!memory || !write_memory(*memory)) units::forget_descriptor(name_);
}

bool JournalKeeper::write_memory(const std::string& memory) {
    if (name_.size() + 1 + memory.size() > most_memory) return false;
    try {
        write_file(file_, name_ + '\n' + memory);
        return true;
    } catch (const Error& error) {
        log_->warn("{}, so the next run walks the media, ignoring", error.what());
        return false;
    }
}

std::optional<JournalGroup> make_journal_group(const config::Config& config) {
    auto tree = media_of_host(config);
    if (!tree) return std::nullopt;
    auto fd = media::make_journal_group(tree->root);
    return JournalGroup{std::move(*tree), std::move(fd)};
}

std::unique_ptr<media::ChangeJournal> make_own_journal(const config::Config& config) {
    if (::geteuid() != 0) return nullptr;
    try {
        auto group = make_journal_group(config);
        if (!group) return nullptr;
        return std::make_unique<media::ChangeJournal>(std::move(group->fd), group->tree.root,
                                                      group->tree.excluded);
    } catch (const Error&) {
        return nullptr;  // the run walks the media, and reports other problems itself
    }
}

}  // namespace mastobak::daemon
