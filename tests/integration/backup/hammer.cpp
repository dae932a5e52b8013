// SPDX-License-Identifier: GPL-3.0-or-later
#include "hammer.hpp"

#include <fstream>
#include <system_error>
#include <utility>

#include "support/temporary_directory.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

Hammer::Hammer(fs::path tree, unsigned seed, Kinds kinds)
    : tree_(std::move(tree)),
      kinds_(kinds),
      random_(seed),
      thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
              {
                  const std::lock_guard lock(working_);
                  if (!paused_) strike();
              }
              std::this_thread::yield();
          }
      }) {}

void Hammer::pause() {
    const std::lock_guard lock(working_);
    paused_ = true;
}

void Hammer::go_on() {
    const std::lock_guard lock(working_);
    paused_ = false;
}

// Few paths, so that each of them changes several times in one backup.
fs::path Hammer::any_path() {
    const auto number = random_() % 200;
    return tree_ / "media_attachments/files" / std::to_string(number % 20) / "original" /
           (std::to_string(number) + ".jpg");
}

void Hammer::strike() {
    std::error_code ignored;
    const auto path = any_path();
    const std::string text(1 + random_() % 3000, static_cast<char>('a' + random_() % 26));
    switch (random_() % 7) {
        case 0:
            write(path, text);
            break;
        case 1:
            std::ofstream(path, std::ios::app) << text;
            break;
        case 2:
            if (kinds_ == Kinds::of_files)
                std::ofstream(path) << text.substr(text.size() / 2);
            else if (fs::exists(path))
                fs::resize_file(path, text.size() / 2, ignored);
            break;
        case 3:
            // The new file has the same size and time; only ctime and inode differ.
            if (fs::exists(path)) {
                const auto time = fs::last_write_time(path);
                const auto fresh = fs::path(path) += ".new";
                write(fresh, std::string(fs::file_size(path), text.front()));
                fs::last_write_time(fresh, time);
                fs::rename(fresh, path);
            }
            break;
        case 4:
            fs::remove(path, ignored);
            break;
        case 5: {
            const auto other = any_path();
            fs::create_directories(other.parent_path());
            fs::rename(path, other, ignored);
            break;
        }
        default:
            // Sometimes removes a whole directory, or moves it to another place.
            if (kinds_ == Kinds::all && random_() % 20 == 0) {
                const auto other = any_path().parent_path();
                if (random_() % 2 == 0)
                    fs::remove_all(path.parent_path(), ignored);
                else if (other != path.parent_path() && !fs::exists(other))
                    fs::rename(path.parent_path(), other, ignored);
            }
            break;
    }
    ++blows_;
}

Hammer::State Hammer::state() const {
    State state;
    for (const auto& entry : fs::recursive_directory_iterator(tree_))
        if (entry.is_regular_file())
            state[entry.path().lexically_relative(tree_).native()] = read(entry.path());
    return state;
}

}  // namespace mastobak::test
