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

/// A file to be read, and what there is of it so far. Members are ReadAhead's, under its lock.
struct FileJob {
    std::uint64_t number = 0;  ///< in the order of submission, from 1
    Found file;
    std::deque<Message> messages;
};

/// Reads files in several threads, ahead of the one who takes them in the order of submission.
/// Memory is bounded by a fixed pool of buffers.
class ReadAhead {
 public:
    /// \param attempts at a file that changes
    /// \param rate     of all reading, a second
    /// \param stop     ends waits for the rate at once; next says Error{cancelled} then
    ReadAhead(Opener& opener, int attempts, std::optional<Bytes> rate, std::stop_token stop);
    /// Stops, and waits for reads under way.
    ~ReadAhead();
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// Any thread. Never blocks; the caller bounds how many jobs there are.
    std::shared_ptr<FileJob> submit(Found file);
    /// Waits for the next message of a job. Jobs have to be finished in the order of submission.
    Message next(FileJob& job);
    /// Reads a file at once, in the caller's thread, out of the order of the jobs.
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
    BufferPool own_pool_;  ///< of read_now
    FileReader own_reader_;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace mastobak::media
