# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists of roots, made and read without anchorage: what its reviews are compared with."""
import base64
import ctypes
import glob
import hashlib
import io
import lzma
import re
import tarfile
import zipfile

import server


def certificates(pem):
    """{sha256: DER} of the PEM blocks in some bytes."""
    found = {}
    for body in re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", pem, re.S):
        der = base64.b64decode(body)
        found[hashlib.sha256(der).hexdigest()] = der
    return found


def pem(der):
    text = base64.b64encode(der).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "-----BEGIN CERTIFICATE-----\n" + "\n".join(lines) + "\n-----END CERTIFICATE-----\n"


def roots(folder, count):
    """That many self-signed CAs as [(name, DER)]."""
    made = []
    for i in range(count):
        name = f"Test Root {i:02}"
        server.authority(folder, name)
        with open(f"{folder}/{name}.pem", "rb") as file:
            made.append((name, list(certificates(file.read()).values())[0]))
    return made


def _ar(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def _tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as tar:
        for name, data in files:
            info = tarfile.TarInfo("./" + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def deb(path, some):
    """A .deb with these roots as ca-certificates has them."""
    files = [(f"usr/share/ca-certificates/mozilla/{name.replace(' ', '_')}.crt", pem(der).encode()) for name, der in some]
    with open(path, "wb") as file:
        file.write(_ar([("debian-binary", b"2.0\n"), ("control.tar.xz", _tar([("control", b"Package: ca-certificates\n")])),
                        ("data.tar.xz", _tar(files))]))


def wheel(path, some, version):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("certifi/__init__.py", f'__all__ = ["where"]\n__version__ = "{version}"\n')
        out.writestr("certifi/cacert.pem", "".join(f"\n# Label: \"{name}\"\n{pem(der)}" for name, der in some))


def _members(path):
    """{name: data} of data.tar in a .deb."""
    with open(path, "rb") as file:
        data = file.read()
    at, files = 8, {}
    while at + 60 <= len(data):
        name, size = data[at:at + 16].decode().strip().rstrip("/"), int(data[at + 48:at + 58])
        if name.startswith("data.tar"):
            body = data[at + 60:at + 60 + size]
            if name.endswith(".zst"):
                raise ValueError("zstd")
            with tarfile.open(fileobj=io.BytesIO(lzma.decompress(body) if name.endswith(".xz") else body)) as tar:
                for one in tar:
                    if one.isfile():
                        files[one.name.lstrip("./")] = tar.extractfile(one).read()
        at += 60 + size + size % 2
    return files


def read_deb(path):
    return {name: data for name, data in _members(path).items() if name.startswith("usr/share/ca-certificates/") and name.endswith(".crt")}


def read_list(path):
    """{sha256: DER} of the roots for TLS servers in a .deb, a wheel, a module of NSS or a PEM file."""
    if path.endswith(".deb"):
        return certificates(b"".join(read_deb(path).values()))
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as archive:
            return certificates(archive.read("certifi/cacert.pem"))
    if path.endswith(".so"):
        return Module(path).servers()
    with open(path, "rb") as file:
        return certificates(file.read())


class Module:
    """NSS's built-in list, asked by PKCS#11 through ctypes."""
    INITIALIZE, SLOTS, OPEN, GET, FIND_INIT, FIND, FIND_FINAL = 0, 4, 12, 24, 26, 27, 28
    CLASS, VALUE, CERTIFICATE, TRUST = 0, 0x11, 1, 0xCE534353
    SHA1, SERVER, DELEGATOR = 0xCE5363B4, 0xCE536358, 0xCE534352

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        table = ctypes.c_void_p()
        assert self.library.C_GetFunctionList(ctypes.byref(table)) == 0
        self.table = table.value + ctypes.sizeof(ctypes.c_void_p) # behind the version
        assert self.call(self.INITIALIZE, None) in (0, 0x191)
        slots, count = (ctypes.c_ulong * 16)(), ctypes.c_ulong(16)
        assert self.call(self.SLOTS, ctypes.c_ubyte(1), slots, ctypes.byref(count)) == 0
        self.session = ctypes.c_ulong()
        assert self.call(self.OPEN, ctypes.c_ulong(slots[0]), ctypes.c_ulong(4), None, None, ctypes.byref(self.session)) == 0

    def call(self, index, *words):
        at = ctypes.cast(self.table + index * ctypes.sizeof(ctypes.c_void_p), ctypes.POINTER(ctypes.c_void_p))[0]
        return ctypes.CFUNCTYPE(ctypes.c_ulong)(at)(*words)

    class Attribute(ctypes.Structure):
        _fields_ = [("type", ctypes.c_ulong), ("value", ctypes.c_void_p), ("length", ctypes.c_ulong)]

    def objects(self, kind):
        wanted = ctypes.c_ulong(kind)
        template = self.Attribute(self.CLASS, ctypes.cast(ctypes.byref(wanted), ctypes.c_void_p), ctypes.sizeof(wanted))
        assert self.call(self.FIND_INIT, self.session, ctypes.byref(template), ctypes.c_ulong(1)) == 0
        found, count = (ctypes.c_ulong * 1000)(), ctypes.c_ulong()
        assert self.call(self.FIND, self.session, found, ctypes.c_ulong(1000), ctypes.byref(count)) == 0
        self.call(self.FIND_FINAL, self.session)
        return found[:count.value]

    def get(self, handle, which):
        room = ctypes.create_string_buffer(65536)
        attribute = self.Attribute(which, ctypes.cast(room, ctypes.c_void_p), len(room))
        if self.call(self.GET, self.session, ctypes.c_ulong(handle), ctypes.byref(attribute), ctypes.c_ulong(1)) != 0:
            return b""
        return room.raw[:attribute.length]

    def servers(self):
        trusted = set()
        for handle in self.objects(self.TRUST):
            if int.from_bytes(self.get(handle, self.SERVER), "little") == self.DELEGATOR:
                trusted.add(self.get(handle, self.SHA1))
        found = {}
        for handle in self.objects(self.CERTIFICATE):
            der = self.get(handle, self.VALUE)
            if hashlib.sha1(der).digest() in trusted:
                found[hashlib.sha256(der).hexdigest()] = der
        return found


def real(folder):
    """(the oldest ca-certificates, all lists to refresh it from)"""
    debs = sorted(glob.glob(folder + "/ca-certificates_*.deb"))
    return debs[:1], debs[1:] + sorted(glob.glob(folder + "/certifi-*.whl")) + sorted(glob.glob(folder + "/libnssckbi*.so"))
