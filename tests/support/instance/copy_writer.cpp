// SPDX-License-Identifier: GPL-3.0-or-later
#include "copy_writer.hpp"

#include <unistd.h>

#include <span>

#include "core/files/files.hpp"

namespace mastobak::instance {

void CopyWriter::statement(std::string_view sql) {
    (buffer_ += sql) += ";\n";
}

void CopyWriter::begin(std::string_view table, std::string_view columns) {
    (((buffer_ += "COPY ") += table) += " (") += columns;
    buffer_ += ") FROM stdin;\n";
}

void CopyWriter::end() {
    buffer_ += "\\.\n";
}

void CopyWriter::flush() {
    write_all(STDOUT_FILENO, std::as_bytes(std::span(buffer_)), "standard output",
              Errc::environment);
    buffer_.clear();
}

}  // namespace mastobak::instance
