// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/zstd.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <bit>
#include <utility>

#include "core/error.hpp"
#include "core/files/open.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::archive {
namespace {

constexpr int text_level = 3;
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

struct ZstdCompressor::Impl {
    Sink sink;
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), ZSTD_freeCCtx};
    std::vector<std::byte> buffer = std::vector<std::byte>(ZSTD_CStreamOutSize());

    /// Compresses one step and passes the output to the sink.
    /// \return the number of bytes that are still to be flushed
    std::size_t step(ZSTD_inBuffer& input, ZSTD_EndDirective directive) {
        ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
        const auto left = must(ZSTD_compressStream2(context.get(), &output, &input, directive));
        if (output.pos > 0) sink({buffer.data(), output.pos});
        return left;
    }
};

ZstdCompressor::ZstdCompressor(Sink sink, int level, int threads)
    : impl_(std::make_unique<Impl>()) {
    impl_->sink = std::move(sink);
    if (!impl_->context) throw Error(Errc::internal, "compress: no memory");
    auto* context = impl_->context.get();
    must(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level));
    must(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1));
    if (threads <= 1) return;
    // A libzstd without threads returns an error here, and compresses in this thread. The job size
    // is smaller than the default of four windows: that halves the memory and costs 0.15 % in size.
    ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, threads);
    ZSTD_CCtx_setParameter(context, ZSTD_c_jobSize, 2 << 20);
}

ZstdCompressor::~ZstdCompressor() = default;

void ZstdCompressor::write(std::span<const std::byte> data) {
    ZSTD_inBuffer input{data.data(), data.size(), 0};
    while (input.pos < input.size) impl_->step(input, ZSTD_e_continue);
}

void ZstdCompressor::finish() {
    ZSTD_inBuffer input{nullptr, 0, 0};
    while (impl_->step(input, ZSTD_e_end) != 0) {
    }
}

struct ZstdDecompressor::Impl {
    Source source;
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), ZSTD_freeDCtx};
    std::vector<std::byte> buffer = std::vector<std::byte>(ZSTD_DStreamOutSize());
    ZSTD_inBuffer input{nullptr, 0, 0};
    bool frame_open = true;  ///< initially true, as an empty stream is a truncated one

    bool refill() {
        const auto block = source();
        input = {block.data(), block.size(), 0};
        return !block.empty();
    }
};

ZstdDecompressor::ZstdDecompressor(Source source) : impl_(std::make_unique<Impl>()) {
    impl_->source = std::move(source);
    if (!impl_->context) throw Error(Errc::internal, "decompress: no memory");
    // A hostile header could request gigabytes. Our levels need a window of at most 128 MiB.
    must(ZSTD_DCtx_setParameter(impl_->context.get(), ZSTD_d_windowLogMax, 27));
}

ZstdDecompressor::~ZstdDecompressor() = default;

std::span<const std::byte> ZstdDecompressor::read() {
    auto& self = *impl_;
    bool more = true;
    for (;;) {
        if (self.input.pos == self.input.size) {
            more = self.refill();
            if (!more && !self.frame_open) return {};
        }
        ZSTD_outBuffer output{self.buffer.data(), self.buffer.size(), 0};
        const auto left = ZSTD_decompressStream(self.context.get(), &output, &self.input);
        if (ZSTD_isError(left))
            throw Error(Errc::corrupt, fmt::format("decompress: {}", ZSTD_getErrorName(left)));
        self.frame_open = left != 0;
        if (output.pos > 0) return {self.buffer.data(), output.pos};
        if (!more && self.frame_open)
            throw Error(Errc::corrupt, "decompress: the stream is truncated");
    }
}

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

Source file_source(const std::filesystem::path& file) {
    struct State {
        std::filesystem::path path;
        UniqueFd fd;
        std::vector<std::byte> block = std::vector<std::byte>(256 * 1024);
    };
    auto state = std::make_shared<State>();
    state->path = file;
    state->fd = open_regular(file, Symlinks::follow, Errc::corrupt);
    return [state]() -> std::span<const std::byte> {
        const auto n = read_block(state->fd.get(), state->block, state->path, Errc::corrupt);
        return {state->block.data(), n};
    };
}

FileDigest write_text(const std::filesystem::path& file, std::string_view text) {
    HashingFile out(file);
    ZstdCompressor zstd([&](auto data) { out.write(data); }, text_level);
    zstd.write(std::as_bytes(std::span(text)));
    zstd.finish();
    return {out.size(), out.finish()};
}

std::string read_text(const std::filesystem::path& file, std::size_t most,
                      const std::stop_token& stop) {
    std::string text;
    try {
        ZstdDecompressor zstd(file_source(file));
        for (auto data = zstd.read(); !data.empty(); data = zstd.read()) {
            if (text.size() > most) throw Error(Errc::corrupt, "it is too long");
            if (stop.stop_requested()) throw Error(Errc::cancelled, "the reading was cancelled");
            text.append(reinterpret_cast<const char*>(data.data()), data.size());
        }
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        throw Error(Errc::corrupt, fmt::format("read '{}': {}", file.native(), error.text()));
    }
    return text;
}

}  // namespace mastobak::archive
