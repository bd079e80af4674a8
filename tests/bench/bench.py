#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Speed and memory against the peers, in one run, as ratios.

Each row runs ours and the peer's in turn and compares medians, since absolute
times drift with the machine. Nothing is asserted: a row says what was aimed at.
Peers that are not installed are named and left out.

usage: bench.py ANCHORAGE [ROUNDS]

Chains to verify come from tests/bench/chains beside the program, made by
`make tests/bench/chains`; without it these rows are left out.
"""
import base64
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ANCHORAGE = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 21
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
NOWHERE = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
PYTHON_SSL = (
    "import ssl; c = ssl.create_default_context(cafile=%r); "
    "[print(x['subject'], x['notAfter']) for x in c.get_ca_certs()]" % BUNDLE
)


def once(command, before=None):
    """Seconds and peak KiB of one run; `before` is called untimed."""
    if before:
        before()
    program = shutil.which(command[0]) or command[0]
    start = time.perf_counter()
    child = os.posix_spawn(program, command, os.environ, file_actions=NOWHERE)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit("bench: %s: status %d" % (" ".join(command), os.waitstatus_to_exitcode(status)))
    return seconds, usage.ru_maxrss


def compare(name, ours, peers, aim, before=None):
    mine, theirs = [], {peer: [] for peer in peers}
    for _ in range(ROUNDS):
        mine.append(once(ours, before)[0])
        for peer, command in peers.items():
            theirs[peer].append(once(command, before)[0])
    own = statistics.median(mine)
    for peer, times in theirs.items():
        other = statistics.median(times)
        print("%-47s %-16s %8.1f ms  %8.1f ms  %6.2f x  (aim %s)"
              % (name, peer, own * 1e3, other * 1e3, own / other, aim[peer]))


def installed(peers):
    for peer, command in list(peers.items()):
        if not shutil.which(command[0]):
            print("# not installed, left out: %s" % peer)
            del peers[peer]
    return peers


def many(path, count):
    """A bundle of `count` different certificates: real ones, the last bytes of the signature numbered."""
    text = open(BUNDLE).read().split("-----BEGIN CERTIFICATE-----")[1:]
    ders = [base64.b64decode(part.split("-----END")[0]) for part in text]
    with open(path, "w") as out:
        for n in range(count):
            der = ders[n % len(ders)][:-4] + n.to_bytes(4, "big")
            body = base64.encodebytes(der).decode()
            out.write("-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % body)


def large(scratch):
    print("\n%-34s %10s %12s %12s" % ("certificates in one PEM file", "seconds", "peak MiB", "file MiB"))
    for count in (1000, 10000, 100000):
        path = os.path.join(scratch, "many.pem")
        many(path, count)
        runs = [once([ANCHORAGE, "list", path]) for _ in range(5)]
        print("%-34d %10.3f %12.1f %12.1f" % (count, statistics.median(r[0] for r in runs),
                                             max(r[1] for r in runs) / 1024, os.path.getsize(path) / 2**20))


CHAINS = os.path.join(os.path.dirname(ANCHORAGE), "tests", "bench", "chains")
AT = "2025-06-01"
AT_SECONDS = "1748736000"
MANY = 2000
CERTTOOL = 100  # of them: it is started for each


def median_of(command, rounds):
    return statistics.median(once(command)[0] for _ in range(rounds))


def told(name, ours, peer, theirs, aim):
    print("%-39s %-24s %8.1f ms  %8.1f ms  %6.1f x faster  (aim %s)"
          % (name, peer, ours * 1e3, theirs * 1e3, theirs / ours, aim))


def verify_many(scratch, kind, name, aim):
    folder = os.path.join(scratch, kind)
    subprocess.run([CHAINS, folder, kind, str(MANY)], check=True, **QUIET)
    root, between = os.path.join(folder, "root.pem"), os.path.join(folder, "intermediates.pem")
    chains = [os.path.join(folder, "%04d.pem" % n) for n in range(MANY)]
    leaves = [os.path.join(folder, "leaf", "%04d.pem" % n) for n in range(MANY)]
    ours = [ANCHORAGE, "--at=" + AT, "verify", "-s", root]
    row = "verify %d chains, %s" % (MANY, name)
    times = {"all": [], "one": [], "leaves": [], "openssl": []}
    for _ in range(max(3, ROUNDS // 4)):
        times["all"].append(once(ours + chains)[0])
        times["one"].append(once(["taskset", "-c", "0"] + ours + chains)[0])
        times["leaves"].append(once(ours + ["-i", between] + leaves)[0])
        times["openssl"].append(once(["openssl", "verify", "-attime", AT_SECONDS, "-CAfile", root,
                                      "-untrusted", between] + leaves)[0])
    all_, one, ours_leaves, openssl = (statistics.median(times[key]) for key in ("all", "one", "leaves", "openssl"))
    told(row + ", the same files", ours_leaves, "openssl verify", openssl, aim)
    told(row + ", chains", all_, "openssl verify", openssl, aim)
    told(row, all_, "ours on one processor", one, ">= 1.8 on two")
    rate = float(subprocess.run([CHAINS, "--rate", kind, "2"], check=True, capture_output=True).stdout)
    start = median_of([ANCHORAGE, "--version"], 5)
    print("%-39s %-24s %8.0f /s  %8.0f /s  %6.0f %%  (aim >= 85 %%), one processor"
          % (row, "GnuTLS, bare signatures", MANY / (one - start), rate, 100 * MANY / (one - start) / rate))
    if shutil.which("certtool"):
        begin = time.perf_counter()
        for chain in chains[:CERTTOOL]:
            subprocess.run(["certtool", "--verify", "--load-ca-certificate", root, "--infile", chain], **QUIET)
        told(row, all_, "certtool in a loop", (time.perf_counter() - begin) * MANY / CERTTOOL, "-")


def verify(scratch):
    if not os.path.exists(CHAINS):
        print("# no %s, so no chains are verified: make tests/bench/chains" % CHAINS)
        return
    print("")
    for kind, name, aim in (("rsa", "RSA-2048", ">= 12"), ("ecdsa", "P-256", ">= 10")):
        verify_many(scratch, kind, name, aim)
    roots, chain = os.path.join(scratch, "roots.pem"), os.path.join(scratch, "rsa", "0000.pem")
    with open(roots, "w") as out:
        out.write(open(BUNDLE).read() + open(os.path.join(scratch, "rsa", "root.pem")).read())
    compare("verify a chain against %d roots" % open(roots).read().count("BEGIN CERT"),
            [ANCHORAGE, "--at=" + AT, "-q", "verify", "-s", roots, chain],
            installed({"certtool": ["sh", "-c", "certtool --verify --load-ca-certificate %s --infile %s; :"
                                    % (roots, chain)],
                       "openssl verify": ["openssl", "verify", "-attime", AT_SECONDS, "-CAfile", roots,
                                          "-untrusted", chain, chain]}),
            {"certtool": "<= 0.33", "openssl verify": "-"})
def key_store(scratch):
    """A JKS of 144 certificates."""
    pem, path = os.path.join(scratch, "few.pem"), os.path.join(scratch, "cacerts")
    many(pem, 144)
    subprocess.run([ANCHORAGE, "-q", "export", "--format=java-cacerts", pem, path], check=True, **QUIET)
    return path


def nss_database(scratch):
    """An NSS database of 150 certificates, all trusted for everything; None without certutil."""
    path, batch = os.path.join(scratch, "nssdb"), os.path.join(scratch, "batch")
    if not shutil.which("certutil"):
        return None
    text = open(BUNDLE).read().split("-----BEGIN CERTIFICATE-----")[1:151]
    os.mkdir(path)
    with open(batch, "w") as lines:
        for n, part in enumerate(text):
            pem = os.path.join(scratch, "nss-%d.pem" % n)
            with open(pem, "w") as out:
                out.write("-----BEGIN CERTIFICATE-----" + part.split("-----END")[0] + "-----END CERTIFICATE-----\n")
            lines.write("-A -n root%d -t CT,C,C -i %s\n" % (n, pem))
    subprocess.run(["certutil", "-N", "-d", "sql:" + path, "--empty-password"], check=True, **QUIET)
    subprocess.run(["certutil", "-B", "-d", "sql:" + path, "-i", batch], check=True, **QUIET)
    return path


def main():
    scratch = tempfile.mkdtemp()
    target = os.path.join(scratch, "out")

    def clear():
        shutil.rmtree(target, ignore_errors=True)

    def prepare_rehash():
        clear()
        os.mkdir(target)
        subprocess.run([ANCHORAGE, "-q", "export", "--format=pem-directory", BUNDLE, target + "/d"],
                       check=True, **QUIET)

    print("%-47s %-16s %11s  %11s  %8s" % ("work", "peer", "ours", "peer's", "ratio"))
    compare("list system", [ANCHORAGE, "list", "system"], installed({"trust list": ["trust", "list"]}),
            {"trust list": "<= 0.9"})
    compare("list a PEM bundle", [ANCHORAGE, "list", BUNDLE],
            installed({"openssl storeutl": ["openssl", "storeutl", "-noout", "-certs", BUNDLE],
                       "python ssl": ["python3", "-c", PYTHON_SSL]}),
            {"openssl storeutl": "<= 0.14", "python ssl": "-"})
    jks = key_store(scratch)
    compare("list a JKS of 144", [ANCHORAGE, "list", jks],
            installed({"keytool -list": ["keytool", "-list", "-keystore", jks, "-storepass", "changeit"]}),
            {"keytool -list": "<= 0.02"})
    database = nss_database(scratch)
    if database:
        compare("list an NSS database of %d" % min(150, open(BUNDLE).read().count("BEGIN CERT")),
                [ANCHORAGE, "list", database], {"certutil -L": ["certutil", "-L", "-d", "sql:" + database]},
                {"certutil -L": "<= 0.67"})
    else:
        print("# not installed, left out: certutil -L")
    for store in (BUNDLE, "system"):
        compare("export pem-directory-hash, " + os.path.basename(store),
                [ANCHORAGE, "-q", "export", "--format=pem-directory-hash", store, target],
                installed({"trust extract": ["trust", "extract", "--format=pem-directory-hash", target]}),
                {"trust extract": "<= 0.25" if store == BUNDLE else "-"}, clear)
    if shutil.which("c_rehash"):
        global ROUNDS
        ROUNDS = 3
        compare("export pem-directory-hash", [ANCHORAGE, "-q", "export", "--overwrite",
                                              "--format=pem-directory-hash", BUNDLE, target + "/d"],
                {"c_rehash": ["c_rehash", target + "/d"]}, {"c_rehash": "-"}, prepare_rehash)
    verify(scratch)
    large(scratch)
    shutil.rmtree(scratch)


main()
