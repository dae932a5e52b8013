// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/missing_list.hpp"

#include <fmt/format.h>

#include <iterator>
#include <span>

#include "media/index/escape.hpp"

namespace mastobak::backup {
namespace {

constexpr std::size_t block_size = 64 * 1024;

std::string or_dash(std::optional<std::uint64_t> number) {
    return number ? std::to_string(*number) : "-";
}

}  // namespace

void MissingList::add(std::string_view reason, const reconcile::NamedFile& named,
                      std::optional<std::uint64_t> size) {
    fmt::format_to(std::back_inserter(buffer_), "{}\t{}.{}\t{}\t{}\t{}\t", reason,
                   named.attachment->table, named.attachment->name, named.id, or_dash(named.size),
                   or_dash(size));
    media::append_escaped(buffer_, named.path);
    buffer_ += '\n';
    if (buffer_.size() >= block_size) flush();
}

void MissingList::flush() {
    if (!file_) file_.emplace(path_);
    file_->write(std::as_bytes(std::span(buffer_)));
    buffer_.clear();
}

std::optional<store::Artifact> MissingList::finish() {
    if (!buffer_.empty()) flush();
    if (!file_) return std::nullopt;
    const auto digest = file_->finish();
    return store::Artifact{path_.filename(), file_->size(), digest};
}

}  // namespace mastobak::backup
