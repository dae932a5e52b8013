// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/restore/restore.hpp"
#include "store/formats/manifest.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// The way of an odd database through a backup, a drill and a restore.
class Trial {
 public:
    /// Makes the database. Throws where the server does not take its SQL: then it is not sound.
    explicit Trial(unsigned seed);
    ~Trial();
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    /// What went wrong, as all of it should be proven; empty: nothing.
    std::string problems();
    /// "a huge row, tablespaces": what the database has.
    std::string kinds() const;

 private:
    void back_up();
    std::string drill();
    std::string restore();

    TemporaryDirectory directory_;
    TemporaryDirectory short_;  ///< a socket's path is
    std::vector<std::string> kinds_;
    std::string owner_;
    store::Manifest manifest_;
    postgres::Contents contents_;
    postgres::RestoredDatabase restored_;
};

}  // namespace mastobak::test
