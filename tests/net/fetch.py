# SPDX-License-Identifier: LGPL-2.1-or-later
"""Speaks with anchorage-fetch as src/net/fetch.c does (src/net/fetch_wire.h) and prints TAP."""
import os
import re
import struct
import subprocess
import sys
import time

import server

program, folder = sys.argv[1:]
ASK, DATA, END, FAIL = 1, 2, 3, 4
URL, AUTHORITIES, PLAIN, MOST, TOTAL, CONNECT, SLOW_BYTES, SLOW_SECONDS, REDIRECTS, BYTES, STATUS, SIZE, CODE, TEXT = range(14)
OTHER, BAD_URL, NOT_SECURE, UNFOUND, UNREACHED, UNTRUSTED, REFUSED, TOO_LARGE, TOO_SLOW, TOO_FAR, CUT = range(11)
count = bad = 0


def verdict(sentence, ok, why=""):
    global count, bad
    count += 1
    print(("ok" if ok else "not ok"), count, "-", sentence)
    if not ok:
        bad = 1
        print("#", str(why)[:500])


def skip(sentence, why):
    global count
    count += 1
    print("ok", count, "-", sentence, "# SKIP", why)


def number(value):
    return struct.pack(">Q", value)


def message(kind, fields):
    rest = bytes([kind]) + b"".join(bytes([which]) + struct.pack(">I", len(value)) + value for which, value in fields.items())
    return struct.pack(">I", len(rest)) + rest


def messages(data):
    while data:
        length = struct.unpack(">I", data[:4])[0]
        rest, data = data[4:4 + length], data[4 + length:]
        kind, rest, fields = rest[0], rest[1:], {}
        while rest:
            size = struct.unpack(">I", rest[1:5])[0]
            fields[rest[0]] = rest[5:5 + size]
            rest = rest[5 + size:]
        yield kind, fields


def start(environment=None):
    return subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            env=environment or {})


def asking(url, by="ours", plain=False, **more):
    with open(f"{folder}/{by}.pem", "rb") as file:
        fields = {URL: url.encode(), AUTHORITIES: file.read(), MOST: number(1 << 20), TOTAL: number(8000), CONNECT: number(4000),
                  SLOW_BYTES: number(1000), SLOW_SECONDS: number(2), REDIRECTS: number(3)}
    if plain:
        fields[PLAIN] = b""
    for name, value in more.items():
        fields[globals()[name]] = number(value)
    return message(ASK, fields)


def fetch(url, by="ours", plain=False, environment=None, **more):
    """(what failed or None, the body or why, the last URL)"""
    out, _ = start(environment).communicate(asking(url, by, plain, **more), timeout=60)
    body = b""
    for kind, fields in messages(out):
        if kind == DATA:
            body += fields[BYTES]
        elif kind == END:
            assert struct.unpack(">Q", fields[SIZE])[0] == len(body)
            return None, body, fields[URL].decode()
        elif kind == FAIL:
            return struct.unpack(">Q", fields[CODE])[0], fields[TEXT].decode(), None
    return -1, "no answer", None


def fails(sentence, want, *args, **more):
    begun = time.time()
    got, text, _ = fetch(*args, **more)
    verdict(sentence, got == want and time.time() - begun < 15, f"{got}: {text}, {time.time() - begun:.1f} s")


for name in "ours", "theirs":
    server.authority(folder, name)
server.leaf(folder, "good", "ours", "IP:127.0.0.1,DNS:localhost")
server.leaf(folder, "other", "ours", "DNS:other.example")
port, other, plain = server.serve(folder, "good"), server.serve(folder, "other"), server.serve()
here = f"https://127.0.0.1:{port}"
server.Pages.elsewhere = f"http://127.0.0.1:{plain}/good"

got, body, last = fetch(here + "/good")
verdict("a file is fetched byte for byte", got is None and body == server.BODY, (got, body[:99]))
got, body, last = fetch(here + "/once")
verdict("a redirect is followed, and where it led is told", got is None and body == server.BODY and last == here + "/good", (got, last))
verdict("it says that it is anchorage", (server.Pages.agent or "").startswith("anchorage/"), server.Pages.agent)
fails("a server under another authority is refused", UNTRUSTED, here + "/good", by="theirs")
fails("a server of another name is refused", UNTRUSTED, f"https://127.0.0.1:{other}/good")
fails("redirects in a circle end", TOO_FAR, here + "/round")
fails("a redirect to http is refused", NOT_SECURE, here + "/plain")
fails("a redirect to a file is refused, even where http is allowed", NOT_SECURE, here + "/file", plain=True)
fails("http is refused", NOT_SECURE, f"http://127.0.0.1:{plain}/good")
fails("file: is refused, even where http is allowed", NOT_SECURE, "file:///etc/passwd", plain=True)
got, body, _ = fetch(f"http://127.0.0.1:{plain}/good", plain=True)
verdict("http is fetched where it is allowed", got is None and body == server.BODY, (got, body[:99]))
fails("where http is allowed https is verified all the same", UNTRUSTED, here + "/good", by="theirs", plain=True)
fails("a body without end is given up at the limit", TOO_LARGE, here + "/endless")
fails("a body that is promised too large is not begun", TOO_LARGE, here + "/promised")
fails("a body that trickles is given up", TOO_SLOW, here + "/slow")
fails("a body that takes too long is given up", TOO_SLOW, here + "/slow", TOTAL=1000, SLOW_BYTES=0)
fails("a body that ends early is an error", CUT, here + "/cut")
fails("what is not there is an error, and its page no body", REFUSED, here + "/nothing")
fails("a port where nobody listens is an error", UNREACHED, "https://127.0.0.1:1/good")
fails("what is no URL is an error", BAD_URL, "https://")
fails("a proxy of the environment is used", UNREACHED, here + "/good", environment={"https_proxy": "http://127.0.0.1:1"})
got, body, _ = fetch(here + "/good", environment={"https_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"})
verdict("... but not for whom no_proxy names", got is None and body == server.BODY, (got, body[:99]))

out, _ = start().communicate(b"\0\0\0\1\7", timeout=30)
verdict("what is no question has an answer that says so", [kind for kind, _ in messages(out)] == [FAIL], out)

# What it may still do, looked at while it waits for a slow server.
process = start()
process.stdin.write(asking(here + "/slow", SLOW_BYTES=0))
process.stdin.flush()
time.sleep(1.5)
with open(f"/proc/{process.pid}/status") as file:
    status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
with open("/proc/self/uid_map") as file:
    others = sum(int(line.split()[2]) for line in file) > 65534 # users that this namespace knows
if os.geteuid() == 0 and not others:
    verdict("a root who may be nobody else keeps no capability", int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0, status)
elif os.geteuid() == 0:
    verdict("root's rights are gone: no user, no group, no capability",
            set(status["Uid"].split()) == set(status["Gid"].split()) == {"65534"} and status["Groups"].strip() == "" and
            int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0, status)
else:
    skip("root's rights are gone: no user, no group, no capability", "not run as root")
verdict("no rights can be gained again", status["NoNewPrivs"] == "1", status["NoNewPrivs"])
with open(f"/proc/{process.pid}/limits") as file:
    written = re.search(r"Max file size +(\d+|unlimited)", file.read()).group(1)
verdict("it can write no file", written == "0", written)
symbols = subprocess.run(["nm", "-D", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
if "__asan_init" in symbols or os.uname().machine not in ("x86_64", "aarch64"):
    skip("the calls that it has no use for are closed", "a build or a machine without the filter")
else:
    verdict("the calls that it has no use for are closed", status.get("Seccomp") in ("2", None), status.get("Seccomp"))
process.kill()
process.communicate()
print(f"1..{count}")
sys.exit(bad)
