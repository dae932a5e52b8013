// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backup/reconcile.hpp"
#include "core/error.hpp"
#include "media/index/index.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A media tree and a database whose rows name its files, and functions that damage one of them.
/// All files are older than the instant, unless the test says otherwise.
class Instance {
 public:
    Instance();

    /// Adds a row of media_attachments and its file, which is audio, so that it has only one style.
    void attach(const std::string& id, const std::string& contents = "contents");
    void sql(const std::string& statement) const;
    void write(const std::string& path, const std::string& contents = "contents") const;
    void remove(const std::string& path) const;

    /// Makes an index of the current tree with backup_tree().
    void make_index();
    /// Removes an entry from the index.
    void forget(const std::string& path);
    /// Changes an entry of the index.
    void change(const std::string& path, const std::function<void(media::Entry&)>& change);

    backup::Reconciled reconcile();
    /// Reconciles, and returns the error; an error without a text if it does not fail.
    Error fails();
    /// Returns missing-media.txt of the last reconciliation.
    std::vector<std::string> listed() const;

    backup::ReconcileOptions options;

 private:
    void rewrite(const std::function<bool(media::Entry&)>& keep);

    TemporaryDirectory directory_;
    int generation_ = 0;  ///< number of the index and of the list
};

/// Returns the path of the file of a row.
std::string original_of(const std::string& id);

/// Returns the sum of a count over all columns.
std::uint64_t in_all(const backup::Reconciled& reconciled,
                     std::uint64_t store::ReconciledColumn::*count);

}  // namespace mastobak::test
