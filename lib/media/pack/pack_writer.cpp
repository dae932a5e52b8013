// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/pack_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "core/files/files.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace {

/// The limit of members in a pack. For each member, GNU tar searches the whole list of names that
/// the commands of RESTORE.md give it.
constexpr std::uint64_t most_members = 10'000;

/// The room that is requested at once, in bytes. A request for each block would cost more than the
/// write of the block.
constexpr std::uint64_t room_step = std::uint64_t{1} << 20;

std::filesystem::path lines_file(std::filesystem::path pack) {
    return pack += ".index.zst";
}

/// Returns the largest size that a member can have, including the end of the pack after it.
std::uint64_t bound(const archive::Header& header) {
    std::uint64_t data = header.data_ranges.empty() ? header.size : 0;
    for (const auto& [offset, length] : header.data_ranges) data += length + 64;  // 64: its line
    // Names are in at most two headers. The six blocks are headers, padding and the end of the tar.
    auto said = 2 * (header.path.size() + header.target.size());
    for (const auto& [name, value] : header.xattrs) said += name.size() + value.size() + 64;
    return data + said + 4096 + 6 * 512;
}

}  // namespace

PackWriter::PackWriter(const TreeOptions& options) : options_(options) {}

void PackWriter::begin(archive::Header header) {
    // A member with holes is thus always smaller than its contents, which DigestCache relies on.
    if (bound(header) >= header.size) header.data_ranges.clear();
    if (file_ && packs_.back().members > 0 &&
        (packs_.back().members >= most_members ||
         position() + bound(header) > options_.pack_size.count))
        close_pack();
    if (!file_) open_pack();
    make_room(4096);
    member_start_ = position();
    file_->mark();
    tar_->begin(header);
}

void PackWriter::data(std::span<const std::byte> block) {
    make_room(block.size());
    tar_->data(block);
}

void PackWriter::hole(std::uint64_t size) {
    static constexpr std::array<std::byte, 64 * 1024> zeros{};
    for (; size > 0; size -= std::min<std::uint64_t>(size, zeros.size()))
        data(std::span(zeros).first(std::min<std::uint64_t>(size, zeros.size())));
}

Location PackWriter::end() {
    tar_->end();
    auto& pack = packs_.back();
    ++pack.members;
    return {pack.name, member_start_, position() - member_start_};
}

void PackWriter::abandon() {
    tar_.reset();
    file_->rewind();
    open_tar();
}

void PackWriter::describe(const Entry& entry) {
    if (lines_ && entry.pack == packs_.back().name) lines_->add(entry);
}

void PackWriter::make_room(std::uint64_t bytes) {
    if (!options_.make_room) return;
    for (; room_ < bytes; room_ += room_step) options_.make_room({room_step});
    room_ -= bytes;
}

std::vector<Pack> PackWriter::finish() {
    if (file_ && packs_.back().members == 0)
        drop_pack();
    else if (file_)
        close_pack();
    if (syncing_.valid()) syncing_.get();
    return std::move(packs_);
}

void PackWriter::open_pack() {
    Pack pack;
    pack.name =
        fmt::format("{}-{:04}.tar", options_.pack_prefix, options_.first_pack + packs_.size());
    file_.emplace(options_.pack_directory / pack.name);
    if (options_.finished) lines_ = std::make_shared<IndexWriter>(lines_file(file_->path()));
    packs_.push_back(std::move(pack));
    open_tar();
}

void PackWriter::open_tar() {
    // A tar has no header of its own: a new writer continues where the last one was cut off.
    tar_start_ = file_->size();
    tar_.emplace([this](auto block) { file_->write(block); });
}

void PackWriter::close_pack() {
    tar_->finish();
    tar_.reset();
    auto& pack = packs_.back();
    pack.size = {file_->size()};
    pack.sha256 = file_->finish();
    if (syncing_.valid()) syncing_.get();
    syncing_ = std::async(std::launch::async,
                          [fd = std::make_shared<UniqueFd>(file_->release()), path = file_->path(),
                           lines = std::move(lines_), pack, &finished = options_.finished] {
                              sync_and_close(std::move(*fd), path);
                              if (!lines) return;
                              lines->finish();
                              sync_file(lines_file(path));
                              finished(pack, lines_file(path));
                          });
    file_.reset();
}

void PackWriter::drop_pack() {
    tar_.reset();
    std::error_code ignored;  // a file that stays is removed with the run's other leftovers
    std::filesystem::remove(file_->path(), ignored);
    std::filesystem::remove(lines_file(file_->path()), ignored);
    lines_.reset();
    file_.reset();
    packs_.pop_back();
}

std::uint64_t PackWriter::position() const {
    return tar_start_ + tar_->position();
}

archive::Header member_header(const Entry& entry, archive::Owners& owners) {
    using Type = archive::Header::Type;
    archive::Header header;
    header.type = entry.type == EntryType::symlink    ? Type::symlink
                  : entry.type == EntryType::hardlink ? Type::hardlink
                                                      : Type::file;
    header.path = member_name(entry.path);
    header.target = entry.target;
    header.mode = entry.mode;
    header.uid = entry.uid;
    header.gid = entry.gid;
    header.user = owners.user(entry.uid);
    header.group = owners.group(entry.gid);
    // Nanoseconds would need a pax header of 1 KiB for each file. The index has them too, and the
    // commands of RESTORE.md set them from it, except for symlinks.
    header.mtime = entry.type == EntryType::file
                       ? std::chrono::floor<std::chrono::seconds>(entry.mtime)
                       : entry.mtime;
    header.size = entry.size;
    return header;
}

}  // namespace mastobak::media
