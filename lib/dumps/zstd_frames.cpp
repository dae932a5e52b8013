// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/zstd_frames.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <bit>

#include "core/error.hpp"

namespace mastobak::dumps {
namespace {

constexpr int largest_window = 25;  ///< log2; the largest frame and reference together
/// Long distance matching has to find the rows between two changed ones, of some 150 bytes each: it
/// looks at each 32nd byte, in a table with an entry for each of them (4 MiB of memory). zstd's own
/// choice would forget most of the reference.
constexpr int long_match = 32, long_match_rate = 5, long_match_table = 19;

/// Throws for an error that only a defect of this program or a lack of memory can cause.
std::size_t must(std::size_t result) {
    if (ZSTD_isError(result))
        throw Error(Errc::internal, fmt::format("compress: {}", ZSTD_getErrorName(result)));
    return result;
}

}  // namespace

struct FrameCompressor::Impl {
    int level;
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), ZSTD_freeCCtx};
};

FrameCompressor::FrameCompressor(int level) : impl_(std::make_unique<Impl>()) {
    impl_->level = level;
    if (!impl_->context) throw Error(Errc::internal, "compress: no memory");
}

FrameCompressor::~FrameCompressor() = default;

void FrameCompressor::compress(std::span<const std::byte> block,
                               std::span<const std::byte> reference, Block& frame) {
    auto* context = impl_->context.get();
    must(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters));
    must(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, impl_->level));
    must(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1));
    if (!reference.empty()) {
        const auto window = std::bit_width(block.size() + reference.size());
        must(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, static_cast<int>(window)));
        must(ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1));
        must(ZSTD_CCtx_setParameter(context, ZSTD_c_ldmMinMatch, long_match));
        must(ZSTD_CCtx_setParameter(context, ZSTD_c_ldmHashRateLog, long_match_rate));
        must(ZSTD_CCtx_setParameter(context, ZSTD_c_ldmHashLog, long_match_table));
        must(ZSTD_CCtx_refPrefix(context, reference.data(), reference.size()));
    }
    frame.resize(ZSTD_compressBound(block.size()));
    frame.resize(
        must(ZSTD_compress2(context, frame.data(), frame.size(), block.data(), block.size())));
}

struct FrameDecompressor::Impl {
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

FrameDecompressor::FrameDecompressor() : impl_(std::make_unique<Impl>()) {
    if (!impl_->context) throw Error(Errc::internal, "decompress: no memory");
    must(ZSTD_DCtx_setParameter(impl_->context.get(), ZSTD_d_windowLogMax, largest_window));
}

FrameDecompressor::~FrameDecompressor() = default;

void FrameDecompressor::decompress(std::span<const std::byte> frame,
                                   std::span<const std::byte> reference, std::size_t size,
                                   Block& block) {
    auto* context = impl_->context.get();
    block.resize(size);
    if (!reference.empty()) must(ZSTD_DCtx_refPrefix(context, reference.data(), reference.size()));
    const auto got =
        ZSTD_decompressDCtx(context, block.data(), block.size(), frame.data(), frame.size());
    if (ZSTD_isError(got))
        throw Error(Errc::corrupt, fmt::format("decompress: {}", ZSTD_getErrorName(got)));
    if (got != size) throw Error(Errc::corrupt, "decompress: the frame has a different size");
}

}  // namespace mastobak::dumps
