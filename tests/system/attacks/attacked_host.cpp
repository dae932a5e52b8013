// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"

#include <stdexcept>

namespace mastobak::test {

std::string AttackedHost::as(const std::string& user, const std::string& script) const {
    const auto done = exec({"setpriv", "--reuid", user, "--regid", user, "--init-groups",
                            "--inh-caps=-all", "--ambient-caps=-all", "bash", "-euc", script});
    if (!done.ok()) throw std::runtime_error("'" + script + "' as " + user + ": " + done.reason());
    return done.output;
}

void AttackedHost::back_up() const {
    const auto done = admin("mastobak run --standalone --no-upload", 120);
    if (done.status != 0) throw std::runtime_error("mastobak run: " + done.text);
}

AttackedHost::Result AttackedHost::admin(const std::string& script, int seconds) const {
    const auto done = exec({"timeout", "--signal=KILL", std::to_string(seconds), "bash", "-uc",
                            "exec 2>&1 </dev/null; cd /root; " + script});
    return {done.signal != 0 ? 128 + done.signal : done.exit_status, done.output};
}

}  // namespace mastobak::test
