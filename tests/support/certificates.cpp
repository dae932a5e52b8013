// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/certificates.hpp"

#include "support/offsite_servers.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

Certificates certificates_for_localhost() {
    const TemporaryDirectory directory;
    output_of({"bash", "-euc", R"(cd "$1"
new="openssl req -batch -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
$new -x509 -days 2 -subj /CN=root -keyout root.key -out root.crt
$new -subj /CN=localhost -keyout server.key -out server.csr
openssl x509 -req -days 2 -in server.csr -CA root.crt -CAkey root.key -CAcreateserial \
    -out server.crt -extfile <(echo subjectAltName=DNS:localhost))",
               "make", directory.path()});
    return {read(directory / "root.crt"), read(directory / "server.crt"),
            read(directory / "server.key")};
}

}  // namespace mastobak::test
