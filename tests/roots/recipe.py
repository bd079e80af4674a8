#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the certificates and trust stores below this folder; see README. Needs Python's cryptography.

Keys are made anew and kept nowhere: every run gives other certificates, and then every
expected output in tests/cli that names one has to be looked at again.
"""

import base64
import datetime
import ipaddress
import os
import textwrap

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import NameOID

HERE = os.path.dirname(os.path.abspath(__file__))
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def day(text):
    return datetime.datetime.fromisoformat(text + "T00:00:00")


def name(cn, org):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, org), x509.NameAttribute(NameOID.COMMON_NAME, cn)])


class Tree:
    """A certificate: issued by itself, or by `issuer`."""

    def __init__(self, serial, cn, org, first="2020-01-01", last="2049-12-31", key=None, issuer=None, more=()):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.subject = name(cn, org)
        signer = issuer or self
        build = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(signer.subject)
            .public_key(self.key.public_key())
            .serial_number(serial)
            .not_valid_before(day(first))
            .not_valid_after(day(last) + datetime.timedelta(seconds=86399))
        )
        if issuer is None:
            limit = next((e for e in more if isinstance(e, x509.BasicConstraints)), x509.BasicConstraints(True, None))
            build = build.add_extension(limit, True)
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            build = build.add_extension(usage, True)
        build = build.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
        for extension in more:
            if not isinstance(extension, x509.BasicConstraints):
                build = build.add_extension(extension, isinstance(extension, x509.NameConstraints))
        self.cert = build.sign(signer.key, hashes.SHA256())

    def pem(self):
        return self.cert.public_bytes(PEM).decode()

    def der(self):
        return self.cert.public_bytes(DER)

    def spki(self):
        return self.key.public_key().public_bytes(PEM, SPKI).decode()


alder = Tree(0x1001, "Alder Root CA", "Alder Trees")
birch = Tree(0x1002, "Birch Root CA", "Birch Woods")
cedar = Tree(0x1003, "Cedar Root CA", "Cedar Hill", last="2035-12-31")
cedar_longer = Tree(0x2003, "Cedar Root CA", "Cedar Hill", first="2026-01-01", key=cedar.key)
dogwood = Tree(0x1004, "Dogwood Local Root", "Dogwood Admin")
dogwood_rekeyed = Tree(0x2004, "Dogwood Local Root", "Dogwood Admin", first="2026-01-01")
elm = Tree(0x1005, "Elm Old Root", "Elm Street", first="2005-01-01", last="2015-12-31")
fir = Tree(0x1006, "Fenyő Főtanúsítvány", "Erdő Zrt.")
gorse = Tree(0x1007, "Gorse Root CA", "Gorse Heath", last="2026-12-31")
hazel = Tree(
    0x1008, "hazel.example", "Hazel Hedge", issuer=alder,
    more=[x509.BasicConstraints(False, None), x509.SubjectAlternativeName([x509.DNSName("hazel.example")])],
)
ivy = Tree(
    0x1009, "Ivy Limited Root", "Ivy Wall",
    more=[
        x509.BasicConstraints(True, 1),
        x509.ExtendedKeyUsage([EKU.SERVER_AUTH, EKU.CLIENT_AUTH]),
        x509.NameConstraints([x509.DNSName("ivy.example"), x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))],
                             [x509.DNSName("secret.ivy.example")]),
    ],
)
maple = Tree(0x100D, "Maple Future Root", "Maple Leaf", first="2040-01-01")
# Names that would do something on a terminal, in a list by line, or to whoever stops at a NUL.
juniper = Tree(0x100A, "Juniper \x1b[32mtrusted\x1b[0m \u202egpj.exe", "Juniper")
kapok = Tree(0x100B, "Kapok\nffffffffffffffff  2049-12-31  EC P-256  anchor  Forged", "Kapok")
larch = Tree(0x100C, "larch.example\0.evil.example", "Larch\\Larch")


def percent(der):
    return '"' + "".join("%%%02x" % b for b in der) + '"'


def entry(tree, *lines):
    return "[p11-kit-object-v1]\n" + "".join(line + "\n" for line in lines) + tree.pem() + "\n"


def staple(tree, oid_der, whole):
    return (
        "[p11-kit-object-v1]\nclass: x-certificate-extension\n"
        f"object-id: {percent(oid_der)}\nvalue: {percent(whole)}\n" + tree.spki() + "\n"
    )


def tlv(tag, *parts):
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])
    return bytes([tag]) + size + body


def extension(oid_der, critical, value):
    return tlv(0x30, oid_der, tlv(1, b"\xff") if critical else b"", tlv(4, value))


OID_NC, OID_EKU = bytes.fromhex("0603551d1e"), bytes.fromhex("0603551d25")


def limit_names(tree, *dns):
    value = x509.NameConstraints([x509.DNSName(d) for d in dns], None).public_bytes()
    return staple(tree, OID_NC, extension(OID_NC, True, value))


def limit_purposes(tree, *purposes):
    value = x509.ExtendedKeyUsage(purposes).public_bytes()
    return staple(tree, OID_EKU, extension(OID_EKU, True, value))


def forbid_serial(tree):
    issuer = tree.cert.issuer.public_bytes()
    serial = tree.cert.serial_number
    der = tlv(2, serial.to_bytes(serial.bit_length() // 8 + 1, "big"))
    return (
        "[p11-kit-object-v1]\nclass: certificate\ncertificate-type: x-509\nx-distrusted: true\n"
        f"issuer: {percent(issuer)}\nserial-number: {percent(der)}\n\n"
    )


def forbid_key(tree):
    return "[p11-kit-object-v1]\nclass: certificate\ncertificate-type: x-509\nx-distrusted: true\n" + tree.spki() + "\n"


def after(date):
    return "nss-server-distrust-after: " + percent(date.encode())


def trusted(tree, alias, trust=(), reject=()):
    """What openssl x509 -trustout writes."""
    def oids(tag, purposes):
        return tlv(tag, x509.ExtendedKeyUsage(purposes).public_bytes()[2:]) if purposes else b""

    aux = tlv(0x30, oids(0x30, trust), oids(0xA0, reject), tlv(12, alias.encode()))
    body = "\n".join(textwrap.wrap(base64.b64encode(tree.der() + aux).decode(), 64))
    return f"-----BEGIN TRUSTED CERTIFICATE-----\n{body}\n-----END TRUSTED CERTIFICATE-----\n"


ANCHOR, FORBIDDEN = "trusted: true", "x-distrusted: true"


def label(text):
    return f'label: "{text}"'


def write(path, content):
    path = os.path.join(HERE, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def plain():
    trees = dict(alder=alder, birch=birch, cedar=cedar, dogwood=dogwood, elm=elm, fir=fir, gorse=gorse, hazel=hazel,
                 ivy=ivy, maple=maple, cedar_longer=cedar_longer, dogwood_rekeyed=dogwood_rekeyed)
    for file, tree in trees.items():
        write(f"plain/{file.replace('_', '-')}.pem", tree.pem())
    write("plain/bundle.pem", alder.pem() + birch.pem() + cedar.pem() + dogwood.pem() + elm.pem())
    write("plain/bundle-new.pem", fir.pem() + cedar_longer.pem() + birch.pem() + dogwood_rekeyed.pem() + elm.pem())
    write("plain/labels.pem", f"# The Alder\n{alder.pem()}\nBirch, by another name\n======================\n{birch.pem()}")
    write("plain/trusted.pem",
          trusted(alder, "Alder, for all")
          + trusted(birch, "Birch, for servers", trust=[EKU.SERVER_AUTH])
          + trusted(cedar, "Cedar, not for mail", reject=[EKU.EMAIL_PROTECTION])
          + trusted(dogwood, "Dogwood, forbidden", reject=[EKU.ANY_EXTENDED_KEY_USAGE]))
    write("plain/policy.p11-kit",
          entry(alder, label("Alder, for all"), ANCHOR)
          + entry(birch, label("Birch, forbidden"), FORBIDDEN)
          + entry(cedar, label("Cedar, for mail"), ANCHOR) + limit_purposes(cedar, EKU.EMAIL_PROTECTION)
          + entry(dogwood, label("Dogwood, for one domain"), ANCHOR) + limit_names(dogwood, "dogwood.example")
          + entry(fir, label("Fir, until 2025"), ANCHOR, after("250630235959Z"))
          + entry(gorse, label("Gorse, nothing said"))
          + forbid_serial(hazel) + forbid_key(ivy))
    write("plain/policy-new.p11-kit",
          entry(alder, label("Alder, renamed"), ANCHOR)
          + entry(birch, label("Birch, forbidden"), ANCHOR)
          + entry(cedar, label("Cedar, for mail"), ANCHOR)
          + limit_purposes(cedar, EKU.EMAIL_PROTECTION, EKU.SERVER_AUTH)
          + entry(dogwood, label("Dogwood, for one domain"), ANCHOR)
          + limit_names(dogwood, "dogwood.example", "dogwood.test")
          + entry(fir, label("Fir, until 2025"), ANCHOR, after("260630235959Z"))
          + entry(gorse, label("Gorse, nothing said"))
          + forbid_serial(hazel) + forbid_key(ivy))


def debian():
    mozilla = dict(Alder_Root_CA=alder, Birch_Root_CA=birch, Cedar_Root_CA=cedar, Elm_Old_Root=elm)
    for file, tree in mozilla.items():
        write(f"debian/usr/share/ca-certificates/mozilla/{file}.crt", tree.pem())
    write("debian/usr/local/share/ca-certificates/dogwood.crt", dogwood.pem())
    write("debian/etc/ca-certificates.conf", "# what of /usr/share/ca-certificates is installed\n"
          "mozilla/Alder_Root_CA.crt\nmozilla/Birch_Root_CA.crt\nmozilla/Cedar_Root_CA.crt\n!mozilla/Elm_Old_Root.crt\n")
    write("debian/etc/ssl/certs/ca-certificates.crt", alder.pem() + birch.pem() + cedar.pem() + dogwood.pem())
    write("debian/etc/ssl/certs/gorse.pem", gorse.pem())


def fedora():
    write("fedora/usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit",
          entry(alder, label("Alder Root CA"), ANCHOR, "nss-mozilla-ca-policy: true")
          + entry(cedar, label("Cedar Root CA"), ANCHOR, "nss-mozilla-ca-policy: true", after("250630235959Z"))
          + limit_purposes(cedar, EKU.SERVER_AUTH, EKU.EMAIL_PROTECTION)
          + entry(dogwood, label("Dogwood Local Root"), ANCHOR) + limit_names(dogwood, "dogwood.example")
          + forbid_serial(hazel))
    write("fedora/etc/pki/ca-trust/source/anchors/birch.pem", birch.pem())
    write("fedora/etc/pki/ca-trust/source/anchors/fir.pem", fir.pem())
    write("fedora/etc/pki/ca-trust/source/blocklist/elm.pem", elm.pem())
    write("fedora/etc/pki/ca-trust/source/blocklist/broken.pem", gorse.pem().replace("-----END", "-----EMD"))
    write("fedora/etc/pki/ca-trust/source/blacklist/maple.pem", maple.pem())
    write("fedora/etc/pki/ca-trust/source/plain.pem", gorse.pem())


def hostile():
    write("hostile/names.pem", juniper.pem() + kapok.pem() + larch.pem())
    write("hostile/labels.pem",
          b"# Alder \x1b]0;title\x07 \xe2\x80\xaelabel\n" + alder.pem().encode()
          + b"# Birch \xff\xc0\x9b2J\n" + birch.pem().encode())
    write("hostile/alder.pem", alder.pem())
    write("hostile/etc/outside.txt", "nothing to see\n")


for make in (plain, debian, fedora, hostile):
    make()
