# SPDX-License-Identifier: LGPL-2.1-or-later
# A host with stores of several programs, made of the certificates in ../plain.
set -e
plain=$(dirname -- "$0")/plain
mkdir -p root etc/ssl/certs etc/anchorage/sites.d usr/lib/ssl
cp "$plain/bundle.pem" etc/ssl/certs/ca-certificates.crt
cp "$plain/cedar.pem" etc/corp.pem
cp "$plain/dogwood.pem" home/alice/corp.pem
ln -s /etc/ssl/certs usr/lib/ssl/certs
ln -s /etc/ssl/certs/ca-certificates.crt usr/lib/ssl/cert.pem

# Debian's certifi reads the system's bundle, and its own file is a decoy.
mkdir -p usr/lib/python3/dist-packages/certifi opt/venv/lib/python3.11/site-packages/certifi
cp "$plain/bundle-new.pem" usr/lib/python3/dist-packages/certifi/cacert.pem
echo 'def where(): return "/etc/ssl/certs/ca-certificates.crt"' >usr/lib/python3/dist-packages/certifi/core.py
cat "$plain/alder.pem" "$plain/dogwood.pem" >opt/venv/lib/python3.11/site-packages/certifi/cacert.pem
echo 'def where(): return files("certifi").joinpath("cacert.pem")' >opt/venv/lib/python3.11/site-packages/certifi/core.py

# botocore asks certifi where there is one; pip is told to read another file.
mkdir -p opt/venv/lib/python3.11/site-packages/botocore opt/venv/lib/python3.11/site-packages/pip/_vendor/certifi
cp "$plain/bundle.pem" opt/venv/lib/python3.11/site-packages/botocore/cacert.pem
cp "$plain/bundle.pem" opt/venv/lib/python3.11/site-packages/pip/_vendor/certifi/cacert.pem
ln -s python3.11 opt/venv/lib/python3

# Two JDKs with one key store, a link to the first, and one whose own is not read.
mkdir -p etc/ssl/certs/java usr/lib/jvm/jdk-17/lib/security usr/lib/jvm/jdk-25/lib/security usr/lib/jvm/jdk-8/jre/lib/security
cp "$plain/bundle.pem" etc/ssl/certs/java/cacerts
ln -s /etc/ssl/certs/java/cacerts usr/lib/jvm/jdk-17/lib/security/cacerts
ln -s /etc/ssl/certs/java/cacerts usr/lib/jvm/jdk-25/lib/security/cacerts
ln -s jdk-17 usr/lib/jvm/default
cp "$plain/bundle-new.pem" usr/lib/jvm/jdk-8/jre/lib/security/cacerts
cp "$plain/birch.pem" usr/lib/jvm/jdk-8/jre/lib/security/jssecacerts

# Ways out of the tree, and what is no file.
mkdir -p etc/docker/certs.d/registry.example
ln -s ../../../../../../../../etc/passwd etc/docker/certs.d/registry.example/up.crt
ln -s loop.crt etc/docker/certs.d/registry.example/loop.crt
mkfifo etc/docker/certs.d/registry.example/pipe.crt
cp "$plain/alder.pem" "$(printf 'etc/docker/certs.d/registry.example/new\nline\033[31m.crt')"

# The administrator's own row.
cat >etc/anchorage/sites.d/corp.conf <<'END'
[corp-app]
path = /srv/*/trust/*.pem
used-by = the corporate application
write = edit
END
mkdir -p srv/app/trust
cp "$plain/elm.pem" srv/app/trust/roots.pem
TZ=UTC find . -exec touch -h -d '2026-01-02 03:04:05' {} +
