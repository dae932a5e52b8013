// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/read_ahead.hpp"

#include <utility>

#include "core/error.hpp"
#include "core/process/privilege.hpp"

namespace mastobak::media {
namespace {

/// 16 MiB in all. This keeps the packer busy while a cold disk seeks, and is small enough for a
/// host with 1 GiB of memory. Nearly all media files fit in one buffer.
constexpr std::size_t buffers = 64;
constexpr std::size_t buffer_size = 256 * 1024;

/// Usually more threads than processors, because they mostly wait for the disk.
constexpr int readers = 4;

}  // namespace

ReadAhead::ReadAhead(Opener& opener, int attempts, std::optional<Bytes> rate, std::stop_token stop)
    : cancelled_(std::move(stop), [this] { stopping_reads_.request_stop(); }),
      rate_(rate),
      pool_(buffers, buffer_size),
      own_pool_(2, buffer_size),
      own_reader_(opener, rate_, attempts, stopping_reads_.get_token()) {
    for (int i = 0; i < readers; ++i)
        threads_.emplace_back([this, &opener, attempts] {
            work(FileReader(opener, rate_, attempts, stopping_reads_.get_token()));
        });
}

ReadAhead::~ReadAhead() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    submitted_.notify_all();
    stopping_reads_.request_stop();
    pool_.close();
    threads_.clear();
}

std::shared_ptr<FileJob> ReadAhead::submit(Found file) {
    auto job = std::make_shared<FileJob>();
    job->file = std::move(file);
    {
        const std::lock_guard lock(mutex_);
        job->number = ++submitted_jobs_;
        jobs_.push_back(job);
    }
    submitted_.notify_one();
    return job;
}

Message ReadAhead::next(FileJob& job) {
    pool_.set_first(job.number);
    std::unique_lock lock(mutex_);
    awaited_ = &job;
    delivered_.wait(lock, [&] { return !job.messages.empty(); });
    awaited_ = nullptr;
    auto message = std::move(job.messages.front());
    job.messages.pop_front();
    return message;
}

void ReadAhead::read_now(const Found& file, const std::function<void(Message)>& deliver) {
    const ReadAnything raised;
    own_reader_.read(
        file, [this] { return own_pool_.take(0); },
        [&](std::vector<Message> messages) {
            for (auto& message : messages) deliver(std::move(message));
        });
}

std::shared_ptr<FileJob> ReadAhead::take_job() {
    std::unique_lock lock(mutex_);
    submitted_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return nullptr;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
}

void ReadAhead::work(FileReader reader) {
    const ReadAnything raised;
    while (const auto job = take_job()) {
        const auto deliver = [&](std::vector<Message> messages) {
            bool awaited = false;
            {
                const std::lock_guard lock(mutex_);
                for (auto& message : messages) job->messages.push_back(std::move(message));
                awaited = awaited_ == job.get();
            }
            if (awaited) delivered_.notify_one();
        };
        try {
            reader.read(
                job->file, [&] { return pool_.take(job->number); }, deliver);
        } catch (...) {
            std::vector<Message> failure;
            failure.emplace_back(std::current_exception());
            deliver(std::move(failure));
        }
        // The directory of the file need not stay open until next() has returned all messages.
        const std::lock_guard lock(mutex_);
        job->file.parent.reset();
    }
}

}  // namespace mastobak::media
