#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images as others make them, and what is in them by an overlay of our own.

usage: images.py BUNDLE DIR

Writes DIR/NAME.tar (docker save), DIR/NAME (an OCI layout) and others, and for each DIR/NAME.want: a line "PATH SHA256" for
every certificate of every file that is left when all layers are laid over one another.
"""
import base64
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

BLOCK = re.compile("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.S)
BLOCKS = [m.group(0) + "\n" for m in BLOCK.finditer(open(sys.argv[1]).read())]
OUT = sys.argv[2]


def pem(*numbers):
    return "".join(BLOCKS[n % len(BLOCKS)] for n in numbers)


def layer(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in entries:
            info = tarfile.TarInfo(path)
            if content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            elif isinstance(content, tuple):
                info.type, info.linkname = content
                tar.addfile(info)
            else:
                info.size = len(content.encode())
                tar.addfile(info, io.BytesIO(content.encode()))
    return out.getvalue()


def overlay(layers):
    files = {}
    for entries in layers:
        before = dict(files)
        for path, content in entries:
            folder, base = os.path.split(path)
            if base == ".wh..wh..opq":
                for old in [p for p in before if p.startswith(folder + "/")]:
                    if files.get(old) == before[old]:
                        del files[old]
            elif base.startswith(".wh."):
                gone = os.path.join(folder, base[4:])
                for old in [p for p in before if p == gone or p.startswith(gone + "/")]:
                    files.pop(old, None)
            elif isinstance(content, str):
                files[path] = content
            elif isinstance(content, tuple) and content[0] == tarfile.LNKTYPE:
                files[path] = files[content[1]]
    return files


def want(name, files):
    with open(os.path.join(OUT, name + ".want"), "w") as out:
        for path, content in sorted(files.items()):
            for block in BLOCK.findall(content):
                out.write("%s %s\n" % (path, hashlib.sha256(base64.b64decode(block)).hexdigest()))


BASE = [
    ("etc", None), ("etc/os-release", "ID=test\n"),
    ("etc/ssl/certs/ca-certificates.crt", pem(*range(20))),
    ("etc/ssl/certs/old.pem", pem(20)), ("etc/ssl/certs/kept.pem", pem(21)),
    ("opt/one/a.pem", pem(22)), ("opt/one/deep/b.pem", pem(23)), ("opt/two/c.pem", pem(24)),
    ("usr/bin/program", "\1\2\3" * 1000 + pem(25) + "\4" * 1000),
    ("usr/share/large.txt", "x" * 3000000 + "\n" + pem(26) + "y" * 3000000),
]
CHANGE = [
    ("etc/ssl/certs/ca-certificates.crt", pem(*range(30, 40))), ("etc/ssl/certs/.wh.old.pem", ""),
    ("opt/one/.wh..wh..opq", ""), ("opt/one/new.pem", pem(41)), ("opt/.wh.two", ""),
    ("usr/bin/program", "nothing any more"), ("hard.pem", pem(42)), ("other.pem", (tarfile.LNKTYPE, "hard.pem")),
]
TOP = [("etc/ssl/certs/added.pem", pem(43)), ("opt/.wh.none", ""), ("etc/ssl/link", (tarfile.SYMTYPE, "/etc/ssl/certs"))]


def zstd(data):
    return subprocess.run(["zstd", "-q"], input=data, stdout=subprocess.PIPE, check=True).stdout


PACK = {"plain": lambda data: data, "gzip": gzip.compress}
if shutil.which("zstd"):
    PACK["zstd"] = zstd


def save(name, layers, pack):
    """As docker save did before it wrote OCI layouts: the manifest comes last, the layers in the order of their names."""
    blobs = [pack(layer(entries)) for entries in layers]
    names = [hashlib.sha256(blob).hexdigest() + "/layer.tar" for blob in blobs]
    with tarfile.open(os.path.join(OUT, name + ".tar"), "w") as tar:
        def add(path, content):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for path, blob in sorted(zip(names, blobs)):
            add(path, blob)
        add("config.json", json.dumps({"os": "linux", "architecture": "amd64"}).encode())
        add("manifest.json", json.dumps([{"Config": "config.json", "RepoTags": ["test:1"], "Layers": names}]).encode())
    want(name + ".tar", overlay(layers))


def oci(name, layers):
    top = os.path.join(OUT, name)
    os.makedirs(os.path.join(top, "blobs/sha256"))

    def blob(content):
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(top, "blobs/sha256", digest), "wb") as out:
            out.write(content)
        return {"digest": "sha256:" + digest, "size": len(content)}

    packs = list(PACK.values())
    manifest = blob(json.dumps({
        "schemaVersion": 2, "config": blob(json.dumps({"os": "linux", "architecture": "amd64"}).encode()),
        "layers": [blob(packs[n % len(packs)](layer(entries))) for n, entries in enumerate(layers)]}).encode())
    with open(os.path.join(top, "oci-layout"), "w") as out:
        out.write('{"imageLayoutVersion": "1.0.0"}')
    with open(os.path.join(top, "index.json"), "w") as out:
        json.dump({"schemaVersion": 2, "manifests": [manifest]}, out)
    want(name, overlay(layers))
    subprocess.run(["tar", "-C", top, "-cf", top + "-packed.tar", "."], check=True)
    want(name + "-packed.tar", overlay(layers))


for word, how in PACK.items():
    save("save-" + word, [BASE, CHANGE, TOP], how)
    save("base-" + word, [BASE], how)
oci("layout", [BASE, CHANGE, TOP])

FILES = {path: content for path, content in BASE if isinstance(content, str)}
for word, how in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(os.path.join(OUT, word + ".whl"), "w", how) as wheel:
        for path, content in FILES.items():
            wheel.writestr(path, content)
    want(word + ".whl", FILES)


class Pipe(io.RawIOBase):
    """Cannot seek: zipfile then writes sizes behind the data."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


with zipfile.ZipFile(Pipe(os.path.join(OUT, "streamed.jar")), "w", zipfile.ZIP_DEFLATED) as jar:
    for path, content in FILES.items():
        jar.writestr(path, content)
want("streamed.jar", FILES)

with zipfile.ZipFile(os.path.join(OUT, "bomb.zip"), "w", zipfile.ZIP_DEFLATED) as bomb:
    with bomb.open("zeros", "w", force_zip64=True) as zeros:
        for _ in range(1024):
            zeros.write(bytes(1 << 20))
