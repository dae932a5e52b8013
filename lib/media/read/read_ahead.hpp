// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "media/read/buffer_pool.hpp"
#include "media/read/file_reader.hpp"

namespace mastobak::media {

/// A file to be read, and its messages that were not taken yet. ReadAhead's lock protects the
/// members.
struct FileJob {
    std::uint64_t number = 0;  ///< in the order of submission, from 1
    Found file;
    std::deque<Message> messages;
};

/// Reads files in several threads, ahead of the thread that takes them in the order of submission.
/// A fixed pool of buffers bounds the memory.
class ReadAhead {
 public:
    /// \param opener   has to outlive this object
    /// \param attempts limit for a file that changes while it is read
    /// \param rate     limit of all reading together, in bytes per second; nullopt: no limit
    /// \param stop     ends waits for the rate and the reading of a file. The last message of such
    ///                 a job is an exception_ptr with Error{cancelled}
    ReadAhead(Opener& opener, int attempts, std::optional<Bytes> rate, std::stop_token stop);
    /// Stops the threads, and waits for the reads that have begun.
    ~ReadAhead();
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// Adds a file to the queue. May be called from any thread and never blocks; the caller limits
    /// the number of jobs.
    std::shared_ptr<FileJob> submit(Found file);
    /// Waits for the next message of a job; see Message for their order. Jobs have to be finished
    /// in the order of submission.
    Message next(FileJob& job);
    /// Reads a file immediately in the caller's thread, regardless of the queue. The limit of the
    /// rate applies. Throws the exceptions of `deliver`, and Error{cancelled}.
    void read_now(const Found& file, const std::function<void(Message)>& deliver);

 private:
    void work(FileReader reader);
    std::shared_ptr<FileJob> take_job();

    std::stop_source stopping_reads_;
    std::stop_callback<std::function<void()>> cancelled_;
    RateLimit rate_;
    BufferPool pool_;
    std::mutex mutex_;
    std::condition_variable submitted_;
    std::condition_variable delivered_;
    std::deque<std::shared_ptr<FileJob>> jobs_;
    const FileJob* awaited_ = nullptr;
    std::uint64_t submitted_jobs_ = 0;
    bool stopping_ = false;
    BufferPool own_pool_;  ///< buffers of read_now()
    FileReader own_reader_;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace mastobak::media
