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
import ctypes
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
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
    judged, rate = [], []
    for _ in range(3):
        judged.append(float(subprocess.run([CHAINS, "--judge", folder, str(MANY)], check=True, capture_output=True).stdout))
        rate.append(float(subprocess.run([CHAINS, "--rate", kind, "1"], check=True, capture_output=True).stdout))
    start, judged, rate = median_of([ANCHORAGE, "--version"], 5), max(judged), max(rate)
    for what, ours, aim in (("a second of the processor, from DER", judged, ">= 85 %"),
                            ("one processor, with reading the files", MANY / (one - start), "-")):
        print("%-39s %-24s %8.0f /s  %8.0f /s  %6.0f %%  (aim %s), %s"
              % (row, "GnuTLS, bare signatures", ours, rate, 100 * ours / rate, aim, what))
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
    # Public ECDSA roots have P-384, and sign intermediates with P-256: for openssl that signature, checked for each
    # leaf anew, is most of the work. Where all is P-256, GnuTLS needs three times as long as openssl for a signature.
    for kind, name, aim in (("rsa", "RSA-2048", ">= 12"), ("p384-root", "P-256, root P-384", ">= 10"),
                            ("ecdsa", "P-256", "-")):
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
CRYPTOGRAPHY = """
import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        for c in x509.load_pem_x509_certificates(file.read()):
            try:
                print(c.fingerprint(hashes.SHA256()).hex(), c.not_valid_after, c.subject.rfc4514_string())
            except ValueError:
                pass
"""


def host():
    """The stores of this host: all of its PEM bundles, where they are, and a scan of /usr."""
    global ROUNDS
    before, ROUNDS = ROUNDS, min(ROUNDS, 5)
    found = json.loads(subprocess.run([ANCHORAGE, "--json", "stores", "--names"], check=True,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout)["stores"]
    bundles = [s["place"] for s in found if s["kind"] == "pem" and os.path.isfile(s["place"])]
    peers = {}
    python = next((p for p in ("python3", "/usr/bin/python3") if subprocess.run(
        [p, "-c", "from cryptography.x509 import load_pem_x509_certificates"], **QUIET).returncode == 0), None)
    if python:
        peers["cryptography"] = [python, "-W", "ignore", "-c", CRYPTOGRAPHY] + bundles
    else:
        print("# not installed, left out: cryptography (Python)")
    compare("list all %d PEM bundles of the host" % len(bundles), [ANCHORAGE, "-q", "list"] + bundles, peers,
            {"cryptography": "<= 0.083"})
    compare("where the %d stores of the host are" % len(found), [ANCHORAGE, "stores", "--names"],
            {"find -xdev": ["sh", "-c", "find / -xdev -type f; true"]}, {"find -xdev": "<= 0.2"})
    compare("all stores of the host, read", [ANCHORAGE, "stores"],
            {"find -xdev": ["sh", "-c", "find / -xdev -type f; true"]}, {"find -xdev": "-"})
    compare("scan of /usr for certificates", [ANCHORAGE, "stores", "--names", "--scan", "/usr"],
            installed({"rg": ["rg", "-uuu", "-l", "-F", "--no-messages", "BEGIN CERTIFICATE", "/usr"]}),
            {"rg": "<= 1.1"})
    ROUNDS = before


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


def image(scratch, size=500 << 20):
    """Layers of this host's own files, as `docker save` writes them: plain, and compressed by gzip and zstd."""
    layers, total = [os.path.join(scratch, "layer%d" % n) for n in range(3)], 0
    for n, top in enumerate(("/etc/ssl", "/usr/share", "/usr/lib")):
        with tarfile.open(layers[n], "w") as tar:
            for folder, folders, files in os.walk(top):
                folders.sort()
                for path in (os.path.join(folder, file) for file in sorted(files)):
                    room = size * n // 2 if n else size
                    if os.path.islink(path) or (os.path.isfile(path) and os.access(path, os.R_OK)
                                                and total + os.path.getsize(path) < room):
                        total += 0 if os.path.islink(path) else os.path.getsize(path)
                        tar.add(path, recursive=False)
    for word, pack in (("plain", "cat"), ("gzip", "gzip"), ("zstd", "zstd -q")):
        if not shutil.which(pack.split()[0]):
            continue
        path, names = os.path.join(scratch, word + ".tar"), []
        with tarfile.open(path, "w") as tar:
            for n, layer in enumerate(layers):
                subprocess.run("%s <%s >%s.packed" % (pack, layer, layer), shell=True, check=True)
                names.append("%d/layer.tar" % n)
                tar.add(layer + ".packed", names[-1])
            info, text = tarfile.TarInfo("manifest.json"), json.dumps([{"Layers": names}]).encode()
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
        yield word, path, names


def images(scratch):
    """An image's content searched, against unpacking it and grep, and against listing no more than its names."""
    folder, rounds = os.path.join(scratch, "unpacked"), ROUNDS
    globals()["ROUNDS"] = min(ROUNDS, 3)
    names_of = shutil.which("bsdtar")
    if not names_of:
        print("# not installed, left out: bsdtar")
    for word, path, layers in image(scratch):
        unpack = "mkdir {0} && cd {0} && tar xf {1}; for l in {2}; do mkdir $l.d; tar xf $l -C $l.d; done; " \
            "grep -rlF 'BEGIN CERTIFICATE' .; cd /; rm -rf {0}".format(folder, path, " ".join(layers))
        peers = {"tar xf + grep": ["sh", "-c", unpack]}
        if names_of:
            peers["bsdtar -tf"] = ["sh", "-c", "; ".join(
                "bsdtar -xOf %s %s | bsdtar -tf - " % (path, layer) for layer in layers)]
        compare("list an image of %d MiB, %s" % (os.path.getsize(path) >> 20, word), [ANCHORAGE, "list", path], peers,
                {"tar xf + grep": "<= 0.14", "bsdtar -tf": "<= 1.3"})
        print("%-47s %-16s %8.1f MiB (aim < 64)" % ("", "peak memory", once([ANCHORAGE, "list", path])[1] / 1024))
    globals()["ROUNDS"] = rounds


def debian_tree(scratch, name):
    """150 packaged roots, as update-ca-certificates wants them, no hooks; the peer's command for it."""
    tree = os.path.join(scratch, name)
    for folder in ("usr/share/ca-certificates/mozilla", "usr/local/share/ca-certificates",
                   "etc/ssl/certs", "etc/ca-certificates/update.d", "usr/sbin"):
        os.makedirs(os.path.join(tree, folder))
    bundle = os.path.join(scratch, name + ".pem")
    many(bundle, 150)
    blocks = open(bundle).read().split("-----END CERTIFICATE-----\n")[:150]
    names = ["mozilla/Root_%03d.crt" % n for n in range(150)]
    for path, block in zip(names, blocks):
        with open(os.path.join(tree, "usr/share/ca-certificates", path), "w") as out:
            out.write(block + "-----END CERTIFICATE-----\n")
    with open(os.path.join(tree, "etc/ca-certificates.conf"), "w") as out:
        out.write("".join(path + "\n" for path in names))
    open(os.path.join(tree, "usr/sbin/update-ca-certificates"), "w").close()
    peer = ["update-ca-certificates", "--certsconf", tree + "/etc/ca-certificates.conf",
            "--certsdir", tree + "/usr/share/ca-certificates",
            "--localcertsdir", tree + "/usr/local/share/ca-certificates",
            "--etccertsdir", tree + "/etc/ssl/certs", "--hooksdir", tree + "/etc/ca-certificates/update.d"]
    once(peer + ["--fresh"])
    return tree, peer


def ca(scratch):
    """A CA that no store has."""
    path = os.path.join(scratch, "ca.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", os.devnull,
                    "-out", path, "-days", "3650", "-subj", "/CN=Bench Root CA",
                    "-addext", "keyUsage=critical,keyCertSign,cRLSign"], check=True, **QUIET)
    return path


def against(name, ours, mine_before, peer_name, peer, peer_before, aim):
    """As compare(), but each side is prepared by itself, and the ratio is how much faster ours is."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(once(ours, mine_before)[0])
        theirs.append(once(peer, peer_before)[0])
    told(name, statistics.median(mine), peer_name, statistics.median(theirs), aim)


def changes(scratch):
    print("")
    rounds = ROUNDS
    globals()["ROUNDS"] = min(ROUNDS, 7)
    root = ca(scratch)
    if shutil.which("update-ca-certificates"):
        system(scratch, root)
    else:
        print("# not installed, left out: update-ca-certificates")
    databases(scratch, root)
    globals()["ROUNDS"] = rounds


def away(scratch, path):
    """
    Not removed: ext4 takes no inode that was freed in the last minutes, and looks at each of them
    whenever a file is made, for ours and theirs.
    """
    if os.path.lexists(path):
        os.rename(path, tempfile.mktemp(dir=scratch))


def system(scratch, root):
    """Each has a tree of its own, in which it has worked before: the links of the two lead elsewhere."""
    (tree, _), (theirs, peer) = debian_tree(scratch, "debian"), debian_tree(scratch, "peer")
    ours = [ANCHORAGE, "--root", tree, "-q"]
    once(ours + ["refresh", "--yes", "system"])
    for each in (tree, theirs):
        shutil.copytree(each, each + ".clean", symlinks=True)

    def restore(each):
        away(scratch, each)
        shutil.copytree(each + ".clean", each, symlinks=True)
        shutil.copy(root, os.path.join(each, "ca.pem"))
        os.sync()

    def dropped():
        restore(theirs)
        shutil.copy(root, os.path.join(theirs, "usr/local/share/ca-certificates/bench.crt"))
        os.sync()

    def emptied():
        restore(tree)
        away(scratch, os.path.join(tree, "etc/ssl/certs"))
        os.mkdir(os.path.join(tree, "etc/ssl/certs"))
        os.sync()

    against("add one CA to Debian's 150", ours + ["add", "--yes", "/ca.pem"], lambda: restore(tree),
            "update-ca-certificates", peer, dropped, ">= 30")
    against("nothing to do", ours + ["refresh", "--yes", "system"], None,
            "update-ca-certificates", peer, None, ">= 50")
    against("all of it anew", ours + ["refresh", "--yes", "system"], emptied,
            "update-ca-certificates --fresh", peer + ["--fresh"], lambda: restore(theirs), ">= 20")


def databases(scratch, root):
    nss, jks = os.path.join(scratch, "change.nss"), os.path.join(scratch, "change.jks")
    state = os.path.join(scratch, "state")
    os.environ["XDG_STATE_HOME"] = state

    def fresh_nss():
        away(scratch, nss)
        os.mkdir(nss)
        subprocess.run(["certutil", "-N", "-d", "sql:" + nss, "--empty-password"], check=True, **QUIET)
        os.sync()

    def fresh_jks():
        away(scratch, jks)
        subprocess.run([ANCHORAGE, "-q", "export", "--overwrite", "--format=java-cacerts", BUNDLE, jks],
                       check=True, **QUIET)
        os.sync()

    paths, add = roots_of_our_own(scratch), [ANCHORAGE, "-q", "add", "--user", "--yes"]
    ours = add + [root, "--to"]
    if shutil.which("certutil"):
        against("add one CA to an NSS database", ours + ["nss:" + nss], fresh_nss, "certutil -A",
                ["certutil", "-A", "-d", "sql:" + nss, "-n", "bench", "-t", "C,,", "-i", root], fresh_nss, ">= 2")
        several_nss(paths, add, nss, fresh_nss)
    if shutil.which("keytool"):
        against("add one CA to a Java key store", ours + ["jks:" + jks], fresh_jks, "keytool -importcert",
                ["keytool", "-importcert", "-noprompt", "-keystore", jks, "-storepass", "changeit", "-alias",
                 "bench", "-file", root], fresh_jks, ">= 50")
        several_jks(paths, add, jks, fresh_jks)


SEVERAL, MOST = 50, 150


def roots_of_our_own(scratch):
    """MOST CAs that no store has, each a file; returns their paths."""
    paths = [os.path.join(scratch, "several-%d.pem" % n) for n in range(MOST)]
    for n, path in enumerate(paths):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", os.devnull, "-out", path, "-days", "3650",
                        "-subj", "/CN=Bench Root CA %d" % n,
                        "-addext", "keyUsage=critical,keyCertSign,cRLSign"], check=True, **QUIET)
    return paths


def several_nss(paths, ours, nss, fresh):
    """
    The start of NSS's softokn, ours twice to read back, is most of the time for one certificate: certutil
    itself needs little more, and puts its changes on the disk without a history.
    """
    batch = nss + ".batch"
    for count, peer, command, aim in (
            (SEVERAL, "certutil -B", ["certutil", "-B", "-d", "sql:" + nss, "-i", batch], "-"),
            (SEVERAL, "certutil -A in a loop",
             ["sh", "-c", "while read -r line; do certutil -d sql:%s $line || exit 1; done <%s" % (nss, batch)],
             ">= 2"),
            (MOST, "certutil -B", ["certutil", "-B", "-d", "sql:" + nss, "-i", batch], ">= 2")):
        with open(batch, "w") as lines:
            lines.write("".join("-A -n bench%d -t C,, -i %s\n" % (n, path) for n, path in enumerate(paths[:count])))
        against("add %d CAs to an NSS database" % count, ours + paths[:count] + ["--to", "nss:" + nss], fresh,
                peer, command, fresh, aim)


def several_jks(paths, ours, jks, fresh):
    """keytool has no batch, and needs ten seconds for a round of them."""
    rounds = ROUNDS
    globals()["ROUNDS"] = min(ROUNDS, 3)
    loop = "".join("keytool -importcert -noprompt -keystore %s -storepass changeit -alias bench%d -file %s || exit 1\n"
                   % (jks, n, path) for n, path in enumerate(paths[:SEVERAL]))
    against("add %d CAs to a Java key store" % SEVERAL, ours + paths[:SEVERAL] + ["--to", "jks:" + jks], fresh,
            "keytool in a loop", ["sh", "-c", loop], fresh, ">= 50")
    globals()["ROUNDS"] = rounds


def names_alone(folder, target):
    """Seconds for the files and links of `folder`, and the syncs: what the kernel takes for them, whoever asks."""
    made = [(entry.name, os.readlink(entry.path) if entry.is_symlink() else open(entry.path, "rb").read())
            for entry in os.scandir(folder)]
    start = time.perf_counter()
    os.mkdir(target + ".new")
    above, there = os.open(os.path.dirname(target), os.O_RDONLY), os.open(target + ".new", os.O_RDONLY)
    for name, content in made:
        if isinstance(content, bytes):
            file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=there)
            os.write(file, content)
            os.close(file)
        else:
            os.symlink(content, name, dir_fd=there)
    ctypes.CDLL(None).syncfs(there)
    os.rename(target + ".new", target)
    os.fsync(above)
    seconds = time.perf_counter() - start
    os.close(above)
    os.close(there)
    return seconds


def exports(scratch):
    """
    The peer syncs nothing, and ours does: what a busy disk adds to ours alone is seen in the kernel's part, and
    is not there in memory.
    """
    row, target, folder, alone = "export pem-directory-hash", os.path.join(scratch, "out"), \
        os.path.join(scratch, "names"), []
    ours = [ANCHORAGE, "-q", "export", "--format=pem-directory-hash"]

    def theirs(to):
        return installed({"trust extract": ["trust", "extract", "--format=pem-directory-hash", to]})

    def clear():
        away(scratch, target)
        os.sync()  # or ours would write what the peer left to the kernel

    def prepare_rehash():
        clear()
        os.mkdir(target)
        subprocess.run([ANCHORAGE, "-q", "export", "--format=pem-directory", BUNDLE, target + "/d"],
                       check=True, **QUIET)

    def clear_and_time():
        alone.append(names_alone(folder, tempfile.mktemp(dir=scratch)))
        clear()

    subprocess.run(ours + [BUNDLE, folder], check=True, **QUIET)
    compare(row + ", " + os.path.basename(BUNDLE), ours + [BUNDLE, target], theirs(target),
            {"trust extract": "<= 0.25"}, clear_and_time)
    print("%-47s %-16s %8.1f ms" % ("", "the kernel's part", statistics.median(alone) * 1e3))
    compare(row + ", system", ours + ["system", target], theirs(target), {"trust extract": "-"}, clear)
    if os.path.isdir("/dev/shm"):
        memory = tempfile.mkdtemp(dir="/dev/shm")
        to = os.path.join(memory, "out")
        compare(row + ", in memory", ours + [BUNDLE, to], theirs(to), {"trust extract": "<= 0.2"},
                lambda: away(memory, to))
        shutil.rmtree(memory)
    if shutil.which("c_rehash"):
        rounds = ROUNDS
        globals()["ROUNDS"] = 3
        compare(row, ours + ["--overwrite", BUNDLE, target + "/d"], {"c_rehash": ["c_rehash", target + "/d"]},
                {"c_rehash": "-"}, prepare_rehash)
        globals()["ROUNDS"] = rounds


def main():
    scratch = tempfile.mkdtemp()
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
    exports(scratch)
    verify(scratch)
    images(scratch)
    changes(scratch)
    host()
    large(scratch)
    shutil.rmtree(scratch)


main()
