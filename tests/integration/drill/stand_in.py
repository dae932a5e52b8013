# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for `bin/rails runner -`: reports what it can reach, or prints what a test has set."""
import json, os, socket, subprocess, sys, time

here = os.path.dirname(os.path.abspath(__file__))
say = open(os.path.join(here, "say")).read().strip()
script = sys.stdin.read()
if say == "endless":
    while True:
        sys.stdout.write("x" * 65536)
if say == "hangs":
    print("waiting", flush=True)
    time.sleep(600)
if say == "fails":
    sys.exit("there is no such gem")
if say != "reach":
    print("mastobak-boot: " + say)
    sys.exit(0)

problems = []
def forbid(what, work):
    try:
        work()
        problems.append(what)
    except OSError:
        pass

forbid("network", lambda: socket.create_connection(("127.0.0.1", int(open(os.path.join(here, "port")).read())), 2))
forbid("write", lambda: open(os.path.join(here, "written"), "w"))
forbid("secret", lambda: open(os.path.join(here, "secret")))
if os.getuid() == 0:
    problems.append("root")
for name in os.environ:
    if name.startswith(("SMTP_", "AWS_", "REDIS_PASSWORD", "PG")):
        problems.append(name)
if "Account.count" not in script:
    problems.append("script")
count = subprocess.run(["psql", "-h", os.environ["DB_HOST"], "-U", os.environ["DB_USER"], "-d", os.environ["DB_NAME"],
                        "-Atqc", "SELECT count(*) FROM accounts"], env={**os.environ, "PGPASSWORD": os.environ["DB_PASS"]},
                       capture_output=True, text=True)
facts = {"accounts": int(count.stdout or 0), "username": "user1", "key": "none",
         "decrypted": 1 if os.environ.get("ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY") else 0,
         "undecrypted": " ".join(problems) + count.stderr,
         "media_path": "media_attachments/files/000/000/007/original/7.mp3", "media_url": "https://x/7.mp3"}
print("noise")
print("mastobak-boot: " + json.dumps(facts))
print("more noise")
