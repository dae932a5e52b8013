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

/// A media tree and a database whose rows name its files; the verbs for breaking one of them.
/// All of the tree is older than the instant, unless the test says otherwise.
class Instance {
 public:
    Instance();

    /// A row of media_attachments and its file, which is an audio: it has no further style.
    void attach(const std::string& id, const std::string& contents = "contents");
    void sql(const std::string& statement) const;
    void write(const std::string& path, const std::string& contents = "contents") const;
    void remove(const std::string& path) const;

    /// What backup_tree makes of the tree as it is.
    void make_index();
    /// Takes an entry out of the index, or changes it.
    void forget(const std::string& path);
    void change(const std::string& path, const std::function<void(media::Entry&)>& change);

    backup::Reconciled reconcile();
    /// The error that it ends with; one without a text if it does not.
    Error fails();
    /// missing-media.txt of the last one.
    std::vector<std::string> listed() const;

    backup::ReconcileOptions options;

 private:
    void rewrite(const std::function<bool(media::Entry&)>& keep);

    TemporaryDirectory directory_;
    int generation_ = 0;  ///< of the index, and of the list
};

/// Where the file of that row is.
std::string original_of(const std::string& id);

/// The sum of a count over all columns.
std::uint64_t in_all(const backup::Reconciled& reconciled,
                     std::uint64_t store::ReconciledColumn::*count);

}  // namespace mastobak::test
