// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "odd_database.hpp"
#include "postgres/restore/restore.hpp"
#include "store/formats/manifest.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// Backs up an odd database, makes a drill with it, and restores it.
class Trial {
 public:
    /// Makes the database. Throws if the server refuses its SQL, because it is not sound then.
    explicit Trial(unsigned seed);
    /// Makes a database with one kind of objects.
    Trial(unsigned seed, const OddKind& kind);
    ~Trial();
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    /// Returns all problems, including a proof that is not complete; empty if there is none.
    std::string problems();
    /// Returns the kinds of the database's objects: "a huge row, tablespaces".
    std::string kinds() const;
    /// Returns what the restore left out, except owners: "INDEX public.x".
    std::vector<std::string> left_out() const;

 private:
    explicit Trial(const OddDatabase& odd);
    void back_up();
    std::string drill();
    std::string restore();

    TemporaryDirectory directory_;
    TemporaryDirectory short_;  ///< has a short path, because the path of a socket must be short
    std::vector<std::string> kinds_;
    std::string owner_;
    store::Manifest manifest_;
    postgres::Contents contents_;
    postgres::RestoredDatabase restored_;
};

}  // namespace mastobak::test
