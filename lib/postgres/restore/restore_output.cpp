// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/restore_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "core/text.hpp"

namespace mastobak::postgres {
namespace {

/// The message of pg_restore's parent process after a job has failed. The job itself prints the
/// cause.
constexpr std::string_view a_job_failed = "a worker process died unexpectedly";

/// A line of pg_restore's output without "pg_restore:" and "error:".
struct Message {
    static constexpr std::string_view entry_mark = "from TOC entry ";

    std::string_view text;
    bool marked = false;  ///< the line has "error:"

    /// The jobs write each line in several pieces into one pipe ("pg_restore:", " ", "error: ", the
    /// message), so pieces of different jobs may be mixed:
    /// "pg_restore:pg_restore: error: a worker process died unexpectedly", then
    /// " error: could not execute query: …".
    explicit Message(std::string_view line) : text(line) {
        while (skip("pg_restore:") || skip(" ") || (skip("error: ") && (marked = true))) {
        }
    }

    bool begins_with_one_of(std::initializer_list<std::string_view> words) const {
        return std::any_of(words.begin(), words.end(),
                           [this](auto word) { return text.starts_with(word); });
    }
    bool is_error() const {
        return begins_with_one_of({"could not execute query: ", "COPY failed for table "}) ||
               (marked && !text.empty() &&
                !begins_with_one_of({"finished item ", "launching item ", "processing ",
                                     "creating ", "while ", entry_mark}));
    }

 private:
    bool skip(std::string_view piece) {
        if (!text.starts_with(piece)) return false;
        text.remove_prefix(piece.size());
        return true;
    }
};

}  // namespace

RestoreOutput::RestoreOutput(std::string_view list, const OnEntry& on_entry) : on_entry_(on_entry) {
    while (!list.empty()) {
        wanted_.insert(leading_number<std::int64_t>(list));
        list.remove_prefix(std::min(list.find('\n'), list.size() - 1) + 1);
    }
}

void RestoreOutput::take(std::string_view line) {
    // pg_restore prints "processing" at the beginning of an entry before the jobs start, and
    // "finished" at the end of an entry in a job.
    for (const std::string_view done :
         {"pg_restore: processing item ", "pg_restore: finished item "})
        if (line.starts_with(done)) count(line.substr(done.size()));
    if (!error_.empty() && error_ != a_job_failed) return;
    const Message message(line);
    if (message.text.starts_with(Message::entry_mark))
        entry_ = message.text.substr(Message::entry_mark.size());
    else if (message.is_error())
        error_ = message.text;
}

std::string RestoreOutput::complaint() const {
    if (error_.empty() || entry_.empty()) return error_;
    return fmt::format("{} (at the entry '{}' of the dump)", error_, entry_);
}

void RestoreOutput::finish() {
    if (!on_entry_ || done_ == wanted_.size()) return;
    done_ = wanted_.size();
    on_entry_(done_, wanted_.size(), "");
}

/// \param item "3318 INDEX index_x"
void RestoreOutput::count(std::string_view item) {
    // pg_restore also prints definitions that are not in the list.
    if (!on_entry_ || !wanted_.contains(leading_number<std::int64_t>(item))) return;
    item.remove_prefix(std::min(item.find(' ') + 1, item.size()));
    done_ = std::min(done_ + 1, wanted_.size());
    on_entry_(done_, wanted_.size(), item);
}

void EntryFailures::take(std::string_view line) {
    constexpr std::string_view from = "pg_restore: from TOC entry ", error = "pg_restore: error: ",
                               end = "pg_restore: warning: errors ignored on restore";
    if (line.starts_with(from)) {
        line.remove_prefix(from.size());
        id_ = leading_number<std::int64_t>(line);
        entry_ = line;
    }
    if (line.starts_with(end)) at_end_ = true;
    if (!line.starts_with(error)) return;
    line.remove_prefix(error.size());
    if (of_.emplace(id_, line).second)
        texts_[id_] = fmt::format("{} (at the entry '{}' of the dump)", line, entry_);
}

bool is_of_rights(std::string_view error) {
    for (const std::string_view words :
         {"permission denied", "must be superuser", "must be owner", "must be member of",
          "must be able to SET ROLE", "must have admin option", "must have privileges of",
          "must have CREATE", "nly superuser", "nly roles with"})
        if (error.find(words) != error.npos) return true;
    return error.find("role \"") != error.npos && error.find("does not exist") != error.npos;
}

}  // namespace mastobak::postgres
