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

void AttackedHost::forge(const std::string& directory, const std::string& python) const {
    sh("cd '" + directory + "'; cat >/tmp/forge.py <<'PY'\n" + R"(
import hashlib, json, os, re, subprocess
def digest(name):
    return hashlib.sha256(open(name, 'rb').read()).hexdigest()
manifest = json.load(open('manifest.json'))
manifest['set'] = os.path.basename(os.getcwd())
)" + python +
       R"(
for artifact in manifest['artifacts']:
    artifact['sha256'] = digest(artifact['name'])
    artifact['size'] = os.path.getsize(artifact['name'])
base = manifest['database']['base']
base['sha256'] = digest('../../database/' + base['name'])
base['size'] = os.path.getsize('../../database/' + base['name'])
open('manifest.json', 'w').write(json.dumps(manifest, indent=2) + '\n')
names = re.findall(r'\S+$', open('SHA256SUMS').read(), re.M)
open('SHA256SUMS', 'w').write(''.join(f'{digest(name)}  {name}\n' for name in names))
)" + "\nPY\npython3 /tmp/forge.py");
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
