# SPDX-License-Identifier: LGPL-2.1-or-later
"""Refreshes trees of Debian's kind and application stores, and compares with what tests/cli/lists.py reads. Prints TAP."""
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys

import lists
import server

program, folder = sys.argv[1:]
os.chdir(folder)
count = bad = 0
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def verdict(sentence, ok, why=""):
    global count, bad
    count += 1
    print(("ok" if ok else "not ok"), count, "-", sentence)
    if not ok:
        bad = 1
        print("#", str(why).replace("\n", "\n# ")[:2000])


def skip(sentence, why):
    global count
    count += 1
    print("ok", count, "-", sentence, "# SKIP", why)


def run(*words):
    return subprocess.run([program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=120)


def review(*words):
    """The only review of a dry run: ({kind: {sha256: entry}}, the object)."""
    got = run("--json", *words, "--dry-run")
    try:
        told = json.loads(got.stdout)
        kinds = {}
        for entry in told["reviews"][0]["entries"]:
            kinds.setdefault(entry["kind"], {})[entry["sha256"]] = entry
        return kinds, told
    except (ValueError, KeyError, IndexError) as why:
        return {}, f"{why!r}: status {got.returncode}: {got.stdout[:300]} {got.stderr[:600]}"


def tree(name, files):
    """A root with these packaged certificates {path: PEM}, made whole by refresh itself."""
    shutil.rmtree(name, ignore_errors=True)
    for path, data in files.items():
        os.makedirs(f"{name}/{os.path.dirname(path)}", exist_ok=True)
        with open(f"{name}/{path}", "wb") as file:
            file.write(data)
    for path in "etc/ssl/certs", "usr/sbin", "usr/local/share/ca-certificates":
        os.makedirs(f"{name}/{path}", exist_ok=True)
    with open(f"{name}/usr/sbin/update-ca-certificates", "w") as file:
        file.write("#!/bin/sh\n")
    start = "usr/share/ca-certificates/"
    with open(f"{name}/etc/ca-certificates.conf", "w") as file:
        file.write("".join(sorted(path[len(start):] + "\n" for path in files)))
    got = run("--root", name, "refresh", "--yes")
    assert got.returncode == 0, got.stderr
    return name


def bundle(root):
    with open(root + BUNDLE, "rb") as file:
        return lists.certificates(file.read())


def into(root, path):
    """The source as it is named with that root."""
    os.makedirs(root + "/source", exist_ok=True)
    shutil.copy(path, root + "/source/" + os.path.basename(path))
    return "/source/" + os.path.basename(path)


def compare(what, root, source, path, *more):
    """Review, deed, and nothing left to do, against the list that is read from `path`."""
    before, new = bundle(root), lists.read_list(path)
    kinds, told = review("--root", root, "refresh", "--from", source, *more)
    removed, added = set(before) - set(new), set(new) - set(before)
    same = set(kinds.get("removed", ())) == removed and set(kinds.get("added", ())) == added
    verdict(f"{what}: the review is what a script says: {len(removed)} removed, {len(added)} added", same,
            told if not kinds else {kind: len(all) for kind, all in kinds.items()})
    verdict(f"{what}: every removal has its reason", all(entry.get("cause") and entry.get("text") for entry in kinds.get("removed", {}).values()))
    got = run("--root", root, "refresh", "--yes", "--from", source, *more)
    verdict(f"{what}: afterwards the bundle is the new list, {len(new)} roots", got.returncode == 0 and set(bundle(root)) == set(new), got.stderr)
    got = run("--root", root, "refresh", "--check", "--from", source, *more)
    verdict(f"{what}: once more there is nothing to do", got.returncode == 0, got.stdout + got.stderr)


def refused(sentence, words, say, status=2):
    got = run(*words, "--dry-run")
    verdict(sentence, got.returncode == status and say in got.stderr, f"status {got.returncode}: {got.stderr}")


roots = lists.roots(folder, 14)
files = {f"usr/share/ca-certificates/mozilla/{name.replace(' ', '_')}.crt": lists.pem(der).encode() for name, der in roots[:10]}
old, new, far = roots[:10], roots[1:12], roots[:7]
lists.deb("ca-certificates_20300101_all.deb", new)
lists.deb("ca-certificates_20200101_all.deb", old)
lists.deb("ca-certificates_20310101_all.deb", far)
lists.wheel("certifi-2030.1.1-py3-none-any.whl", new, "2030.01.01")
with open("list.pem", "w") as file:
    file.write("".join(lists.pem(der) for _, der in new))

for path in "ca-certificates_20300101_all.deb", "certifi-2030.1.1-py3-none-any.whl", "list.pem":
    root = tree("root", files)
    compare(path, root, into(root, path), path)

# What is of this host stays.
sha = {name: hashlib.sha256(der).hexdigest() for name, der in roots}
root = tree("root", files)
with open(f"{root}/usr/local/share/ca-certificates/own.crt", "w") as file:
    file.write(lists.pem(roots[13][1]))
with open(f"{root}/etc/ca-certificates.conf") as file:
    conf = file.read()
with open(f"{root}/etc/ca-certificates.conf", "w") as file:
    file.write(conf.replace("mozilla/Test_Root_05.crt", "!mozilla/Test_Root_05.crt"))
run("--root", root, "refresh", "--yes")
source = into(root, "ca-certificates_20300101_all.deb")
kinds, told = review("--root", root, "refresh", "--from", source)
kept = {key: entry["cause"] for key, entry in kinds.get("kept", {}).items()}
verdict("an anchor of this host's own is kept, and what it forbids stays out",
        kept == {sha["Test Root 13"]: "local", sha["Test Root 05"]: "forbidden-here"}, told)
got = run("--root", root, "refresh", "--yes", "--from", source)
want = ({sha[name] for name, _ in new} | {sha["Test Root 13"]}) - {sha["Test Root 05"]}
verdict("... also when it is done", got.returncode == 0 and set(bundle(root)) == want, got.stderr)

# Forwards only.
source = into(root, "ca-certificates_20200101_all.deb")
refused("a list of an older edition than the last is refused", ["--root", root, "refresh", "--from", source], "--allow-older", 1)
kinds, told = review("--root", root, "refresh", "--from", source, "--allow-older")
verdict("... and taken with --allow-older: what a refresh brought goes, and what it took comes",
        set(kinds.get("removed", ())) == {sha["Test Root 10"], sha["Test Root 11"]} and set(kinds.get("added", ())) == {sha["Test Root 00"]}, told)
source = into(root, "ca-certificates_20310101_all.deb")
refused("a list with a fifth fewer roots is refused", ["--root", root, "refresh", "--from", source], "--allow-shrink", 1)
kinds, _ = review("--root", root, "refresh", "--from", source, "--allow-shrink")
verdict("... and taken with --allow-shrink", kinds)
with open("empty.pem", "w"):
    pass
verdict("an empty list is refused whatever is allowed",
        run("--root", root, "refresh", "--allow-shrink", "--max-shrink=100", "--from", into(root, "empty.pem"), "--yes").returncode != 0)
kinds, _ = review("--root", root, "--at=2999-01-01", "refresh", "--from", into(root, "ca-certificates_20300101_all.deb"))
root = tree("root", files)
kinds, told = review("--root", root, "--at=2999-01-01", "refresh", "--from", into(root, "ca-certificates_20300101_all.deb"))
verdict("the reason of what has expired is that", kinds.get("removed", {}).get(sha["Test Root 00"], {}).get("cause") == "expired", told)

# What a package's file is called is its sender's to choose.
shutil.copy("ca-certificates_20300101_all.deb", "ca-certificates_20990101_all.deb")
root = tree("root", files)
os.makedirs(root + "/var/lib/dpkg")
with open(root + "/var/lib/dpkg/status", "w") as file:
    file.write("Package: ca-certificates\nVersion: 20200101\n")
got = run("--root", root, "--at=2999-01-01", "refresh", "--yes", "--from", into(root, "ca-certificates_20990101_all.deb"))
verdict("a list that says it is newer, and brings what has expired, is not taken with --yes alone",
        got.returncode == 1 and "brings-back" in got.stderr, got.stdout + got.stderr)

# Stores of applications.
for name in "app", "app/certifi":
    os.makedirs(name, exist_ok=True)
with open("app/certifi/cacert.pem", "w") as file:
    file.write("".join(f"# {name}\n" + lists.pem(der) for name, der in old))
with open("app/certifi/__init__.py", "w") as file:
    file.write('__version__ = "2029.01.01"\n')
kinds, told = review("--root", "app", "refresh", "/certifi/cacert.pem", "--from", into("app", "certifi-2030.1.1-py3-none-any.whl"))
verdict("an application's bundle gets what is new, and keeps what is on no known list",
        set(kinds.get("added", ())) == {sha["Test Root 10"], sha["Test Root 11"]} and
        {key: entry["cause"] for key, entry in kinds.get("kept", {}).items()} == {sha["Test Root 00"]: "not-of-a-known-list"}, told)
with open("app/certifi/__init__.py", "w") as file:
    file.write('__version__ = "2031.01.01"\n')
refused("an older certifi is refused by its version",
        ["--root", "app", "refresh", "/certifi/cacert.pem", "--from", "/source/certifi-2030.1.1-py3-none-any.whl"], "--allow-older", 1)

# Where a package of the host has the old list, what its new edition drops goes from other stores too.
root = tree("root", files)
with open(root + "/old.pem", "w") as file:
    file.write("".join(lists.pem(der) for _, der in old))
source = into(root, "ca-certificates_20300101_all.deb")
for kind, name in ("java-cacerts", "jks:/app.jks"), ("pem-directory-hash", "hashdir:/app.d"), ("pkcs12", "pkcs12:/app.p12"):
    path = name.split(":")[1]
    made = run("--root", root, "-q", "export", "--format=" + kind, "/old.pem", path)
    got = run("--root", root, "refresh", name, "--from", source, "--yes")
    try:
        held = {entry["sha256"] for entry in json.loads(run("--root", root, "--json", "list", name).stdout)["anchors"]}
    except (ValueError, KeyError):
        held = set()
    verdict(f"{name} has the new list and nothing else", made.returncode == got.returncode == 0 and held == {sha[name] for name, _ in new},
            made.stderr + got.stderr + str(len(held)))

# A package of Fedora's kind, for a tree of that kind.
if shutil.which("rpmbuild"):
    run("-q", "export", "--format=p11-kit", "list.pem", "ca-bundle.trust.p11-kit")
    with open("list.spec", "w") as file:
        file.write(f"""Name: ca-certificates
Version: 2030.1
Release: 1
Summary: a list
License: none
BuildArch: noarch
%description
A list.
%install
mkdir -p %{{buildroot}}/usr/share/pki/ca-trust-source
cp {folder}/ca-bundle.trust.p11-kit %{{buildroot}}/usr/share/pki/ca-trust-source/
%files
/usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit
""")
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}/rpm", "list.spec"], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    made = f"{folder}/rpm/RPMS/noarch/ca-certificates-2030.1-1.noarch.rpm"
else:
    made = ""
if os.path.exists(made):
    kinds, told = review("refresh", folder + "/app/certifi/cacert.pem", "--from", made)
    verdict("the list in an .rpm is found", set(kinds.get("added", ())) == {sha["Test Root 10"], sha["Test Root 11"]}, told)
else:
    skip("the list in an .rpm is found", "no rpmbuild here, or it made none")

# What vouches for a source.
data = open("list.pem", "rb").read()
digest = hashlib.sha256(data).hexdigest()
with open("bundle.pem", "w") as file:
    file.write("".join(lists.pem(der) for _, der in old))
base = ["refresh", folder + "/bundle.pem", "--from"]
verdict("a source with the right digest is taken", run(*base, "list.pem", "--sha256", digest.upper(), "--dry-run").returncode == 0)
refused("a source with another digest is not", [*base, "list.pem", "--sha256", "0" * 64], digest)
refused("what is no digest is a usage error", [*base, "list.pem", "--sha256", "12"], "64 hex digits")
server.authority(folder, "signer")
server.authority(folder, "stranger")
server.openssl("cms", "-sign", "-binary", "-in", "list.pem", "-signer", "signer.pem", "-inkey", "signer.key", "-outform", "DER", "-out", "list.p7s")
verdict("a CMS signature by the signer is taken", run(*base, "list.pem", "--signature", "list.p7s", "--signer", "signer.pem", "--dry-run").returncode == 0,
        run(*base, "list.pem", "--signature", "list.p7s", "--signer", "signer.pem", "--dry-run").stderr)
refused("a CMS signature by another is not", [*base, "list.pem", "--signature", "list.p7s", "--signer", "stranger.pem"], "nothing of the source was used")
shutil.copy("bundle.pem", "other.pem")
refused("a CMS signature of other bytes is not", [*base, "other.pem", "--signature", "list.p7s", "--signer", "signer.pem"], "nothing of the source was used")
refused("a CMS signature by an expired signer is not",
        ["--at=2999-01-01", *base, "list.pem", "--signature", "list.p7s", "--signer", "signer.pem"], "expired on")
refused("a signature needs who made it", [*base, "list.pem", "--signature", "list.p7s"], "--signer")
if shutil.which("gpg") and (shutil.which("gpgv") or shutil.which("sqv")):
    os.makedirs("gnupg", mode=0o700)
    gpg = ["gpg", "--homedir", "gnupg", "--batch", "--quiet", "--no-autostart", "--passphrase", "", "--pinentry-mode", "loopback"]
    gpg = [word for word in gpg if word != "--no-autostart"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    made = subprocess.run([*gpg, "--quick-generate-key", "lists@test.example", "ed25519", "sign", "never"], **quiet).returncode == 0
    made = made and subprocess.run([*gpg, "--detach-sign", "--output", "list.sig", "list.pem"], **quiet).returncode == 0
    made = made and subprocess.run([*gpg, "--export", "--output", "keys.gpg"], **quiet).returncode == 0
    past = [*gpg, "--faked-system-time", "20200101T000000!"]
    made = made and subprocess.run([*past, "--quick-generate-key", "past@test.example", "ed25519", "sign", "1y"], **quiet).returncode == 0
    made = made and subprocess.run([*past, "-u", "past@test.example", "--detach-sign", "--output", "past.sig", "list.pem"], **quiet).returncode == 0
    made = made and subprocess.run([*gpg, "--export", "--output", "past.gpg", "past@test.example"], **quiet).returncode == 0
    for name in os.listdir("gnupg/openpgp-revocs.d") if made else ():
        with open("gnupg/openpgp-revocs.d/" + name, encoding="ascii") as file:
            revocation = file.read().replace(":-----BEGIN", "-----BEGIN")
        subprocess.run([*gpg, "--import"], input=revocation.encode(), **quiet)
    made = made and subprocess.run([*gpg, "--export", "--output", "revoked.gpg", "lists@test.example"], **quiet).returncode == 0
    subprocess.run(["gpgconf", "--homedir", "gnupg", "--kill", "all"], **quiet)
    with open("none.gpg", "wb"):
        pass
    if made:
        words = [*base, "list.pem", "--signature", "list.sig", "--keyring"]
        got = run(*words, "keys.gpg", "--dry-run")
        verdict("an OpenPGP signature by a key of the ring is taken", got.returncode == 0, got.stderr)
        refused("an OpenPGP signature by no key of the ring is not", [*words, "none.gpg"], "does not hold")
        refused("an OpenPGP signature of other bytes is not",
                [*base, "other.pem", "--signature", "list.sig", "--keyring", "keys.gpg"], "does not hold")
        got = run(*words, "revoked.gpg", "--dry-run")
        verdict("an OpenPGP signature by a revoked key is not", got.returncode == 2 and "revoked" in got.stderr, got.stderr)
        if shutil.which("gpgv"):
            got = run(*base, "list.pem", "--signature", "past.sig", "--keyring", "past.gpg", "--dry-run")
            verdict("an OpenPGP signature by an expired key is not", got.returncode == 2 and "expired" in got.stderr, got.stderr)
        else:
            skip("an OpenPGP signature by an expired key is not", "sqv goes by the date of the signature")
    else:
        skip("OpenPGP signatures", "gpg made no key")
else:
    skip("OpenPGP signatures", "no gpg, or neither gpgv nor sqv here")

# From a server on loopback.
server.authority(folder, "ours")
server.leaf(folder, "good", "ours", "IP:127.0.0.1")
server.Pages.served["/list.pem"] = data
with open("certifi-2030.1.1-py3-none-any.whl", "rb") as file:
    server.Pages.served["/certifi-2030.1.1-py3-none-any.whl"] = file.read()
url, plain = f"https://127.0.0.1:{server.serve(folder, 'good')}", f"http://127.0.0.1:{server.serve()}"
trusting = ["--source-ca", "ours.pem"]
kinds, told = review(*base, url + "/list.pem", *trusting, "--sha256", digest)
verdict("a list is fetched by https, with its digest", set(kinds.get("added", ())) == {sha["Test Root 10"], sha["Test Root 11"]}, told)
kinds, told = review(*base, url + "/certifi-2030.1.1-py3-none-any.whl", *trusting, "--insecure-source")
verdict("a package is fetched, and its edition known", kinds and told["reviews"][0]["edition"] == "2030.01.01", told)
refused("without a digest or signature it is not", [*base, url + "/list.pem", *trusting], "--sha256")
refused("from a server that this host does not trust it is not", [*base, url + "/list.pem", "--sha256", digest], "--source-ca")
refused("by http it is not, whatever the digest", [*base, plain + "/list.pem", "--sha256", digest], "--insecure-source")
kinds, told = review(*base, plain + "/list.pem", *trusting, "--insecure-source")
verdict("... but with --insecure-source", kinds, told)
refused("what the server does not have is an error that says so", [*base, url + "/none", *trusting, "--insecure-source"], "404")

# An anchor from there: only its fingerprint tells that it is the right one.
with open("ours.pem", "rb") as file:
    server.Pages.served["/ca.crt"] = file.read()
mark = hashlib.sha256(ssl.PEM_cert_to_DER_cert(server.Pages.served["/ca.crt"].decode())).hexdigest()
add = ["add", "--to", folder + "/bundle.pem", url + "/ca.crt"]
refused("a certificate from a server is not added without its fingerprint", [*add, *trusting], "--fingerprint")
refused("... nor with another", [*add, *trusting, "--fingerprint", "0" * 64], "nothing was changed")
refused("... nor from a server that this host does not trust", [*add, "--fingerprint", mark], "--source-ca")
refused("... nor by http", ["add", "--to", folder + "/bundle.pem", plain + "/ca.crt", "--fingerprint", mark], "--insecure-source")
refused("... nor a page that says no", ["add", "--to", folder + "/bundle.pem", url + "/none", *trusting, "--fingerprint", mark], "404")
got = run(*add, *trusting, "--fingerprint", mark, "--dry-run")
verdict("with it, it would be", got.returncode == 0 and mark in got.stdout, got.stderr)
got = run(*add, *trusting, "--insecure-source", "--dry-run")
verdict("... and with --insecure-source", got.returncode == 0 and mark in got.stdout, got.stderr)

# Real lists, where there are some.
oldest, others = lists.real(os.environ.get("ANCHORAGE_LISTS", "/nonexistent"))
if not oldest or not others:
    skip("real lists are compared", "no $ANCHORAGE_LISTS with a ca-certificates_*.deb and newer lists")
else:
    for path in others:
        root = tree("root", lists.read_deb(oldest[0]))
        if path.endswith(".so"): # a module is no file of a root: a bundle of the host is refreshed from it
            before, want = bundle(root), lists.read_list(path)
            shutil.copy(root + BUNDLE, "real.pem")
            kinds, told = review("refresh", folder + "/real.pem", "--from", "pkcs11:?module-path=" + path, "--allow-shrink")
            same = set(kinds.get("removed", ())) == set(before) - set(want) and set(kinds.get("added", ())) == set(want) - set(before)
            verdict(f"{os.path.basename(path)}: the review is what a script says: {len(set(before) - set(want))} removed, "
                    f"{len(set(want) - set(before))} added", same, told if not kinds else {kind: len(all) for kind, all in kinds.items()})
            got = run("refresh", folder + "/real.pem", "--from", "pkcs11:?module-path=" + path, "--allow-shrink", "--dry-run")
            verdict(f"{os.path.basename(path)}: it would be done", got.returncode == 0, got.stderr)
        else:
            compare(os.path.basename(path), root, into(root, path), path, "--allow-shrink")
print(f"1..{count}")
sys.exit(bad)
