#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Systems made of p11-kit's trust directories, changed by the program itself: what it then says of chains, what `trust extract`
# makes of the same directories, and what it does where nothing can be written.
. "$(dirname -- "$0")/../tap.sh"
want_program
bundle=/etc/ssl/certs/ca-certificates.crt
[ -s "$bundle" ] || skip_all "there is no bundle of roots here"
want openssl trust
configs=$(pkg-config --variable=p11_module_configs p11-kit-1 2>/dev/null) || configs=/usr/share/p11-kit/modules
[ -d "$configs" ] && unshare -rm true 2>/dev/null || skip_all "no mount namespace can be made here"
want_temp

fails() { ! "$@"; }
says() { grep -q -- "$1" "$2"; }

# A CA, and a leaf of it for each host
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 800 \
	-subj '/CN=Corp Root' -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
for host in a.corp.example www.example.com; do
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr -subj "/CN=$host" 2>/dev/null
	printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n' \
		$host >leaf.ext
	openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $host.pem -days 300 -extfile leaf.ext 2>/dev/null
done

# tree OWN SHARE: a root with two trust directories, and this host's roots in the second
tree() {
	own=$1 share=$2
	[ ! -d t ] || chmod -R u+w t
	rm -rf t
	mkdir -p "t/$own/anchors" "t/$own/blocklist" "t/$share/anchors" t/root
	cp "$bundle" "t/$share/anchors/roots.pem"
	cp ./*.pem t/root/
}
now=$(date +%s) # key stores tell when they were made
in_tree() { "$program" --root=t --at="$now" "$@"; }
manifest() { (cd t && find etc usr -printf '%p %y %m %l\n' | sort && find etc usr -type f -exec sha256sum {} + | sort); }
blocks() { awk 'BEGIN { RS = "-----END [A-Z ]*-----\n" } { gsub(/\n/, "|"); sub(/^\|/, ""); print }' "$1" | sort; }

# as_trust FILE: the bundle has what trust extracts of the directories now
as_trust() {
	mkdir -p conf
	printf 'module: p11-kit-trust.so\ntrust-policy: yes\nx-init-reserved: paths=%s/t/%s:%s/t/%s\n' "$temp" "$own" "$temp" "$share" \
		>conf/p11-kit-trust.module
	unshare -rm sh -c "mount --bind '$temp/conf' '$configs' && trust extract --overwrite $2 --format=pem-bundle --filter=ca-anchors \
		--purpose=server-auth '$temp/theirs'" && blocks theirs >theirs.blocks && blocks "t/$1" >ours.blocks &&
		[ -s ours.blocks ] && cmp theirs.blocks ours.blocks
}

tree etc/pki/ca-trust/source usr/share/pki/ca-trust-source
tls=etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem
check "a CA is added to Fedora's system for one domain" in_tree add --yes --permit-dns=corp.example /root/ca.pem
check "it is one file with its limits" says x-certificate-extension "t/$own/Corp_Root.p11-kit"
check "a host inside is accepted" in_tree verify --name=a.corp.example /root/a.corp.example.pem
check "a host outside is rejected" fails in_tree verify --name=www.example.com /root/www.example.com.pem
check "the bundle is what trust extracts" as_trust $tls --comment
manifest >before
check "to add it again is no error" in_tree add --yes --permit-dns=corp.example /root/ca.pem
manifest >after
check "... and changes nothing" cmp before after

root=$(in_tree --json list system 2>/dev/null | sed -n 's/^{"sha256":"\([0-9a-f]*\)".*"label":"ISRG Root X1".*/\1/p' | head -n 1)
[ -n "$root" ] || root=$(in_tree --json list system 2>/dev/null | sed -n 's/^{"sha256":"\([0-9a-f]*\)".*/\1/p' | sed -n 5p)
check "a root of the distribution is forbidden" in_tree distrust --yes "$root"
check "the bundle is what trust extracts of the rest" as_trust $tls --comment
check "it is allowed again" in_tree distrust --lift --yes "$root"
manifest >after
check "... and all is as it was" cmp before after
in_tree distrust --yes "$root" >said 2>&1
check "a distrust is undone" in_tree undo --yes
manifest >after
check "... byte, mode and link" cmp before after

tree etc/ca-certificates/trust-source usr/share/ca-certificates/trust-source
in_tree add --yes /root/ca.pem >said 2>&1
check "on Arch's system too the bundle is what trust extracts" as_trust etc/ca-certificates/extracted/tls-ca-bundle.pem --comment

tree etc/pki/trust usr/share/pki/trust
in_tree add --yes /root/ca.pem >said 2>&1
sed '/^#/d' t/var/lib/ca-certificates/ca-bundle.pem >t/bundle
check "on SUSE's system too the bundle is what trust extracts" as_trust bundle ''

# The environment counts on the host alone: here the tree's directories are in the place of the host's.
cat >host <<END
mount --bind t/etc /etc && mount -t tmpfs none /var/lib || exit 9
export TRANSACTIONAL_UPDATE=1
"$program" add --yes ca.pem || exit 1
test -f /etc/pki/trust/anchors/Corp_Root.pem && test -f /etc/pki/trust/.updated && test ! -e /var/lib/ca-certificates || exit 2
unset TRANSACTIONAL_UPDATE
"$program" add --yes ca.pem || exit 3
test ! -e /etc/pki/trust/.updated && grep -q CERTIFICATE /etc/ssl/ca-bundle.pem && test -f /etc/ssl/certs/Corp_Root.pem || exit 4
END
tree etc/pki/trust usr/share/pki/trust
mkdir -p t/etc/ca-certificates/update.d && : >t/etc/ca-certificates/update.d/80mine.run && : >t/etc/ca-certificates/update.d/70java.run
check "in a transactional update the bundles wait for the next boot" unshare -rm sh host
cp check said
check "... and a hook that is not run is told" says 80mine.run said
check "... and none that is not needed" fails says 70java.run said

cat >locked <<END
mount --bind t/etc /etc && mount -t tmpfs none /var/lib && mkdir /var/lib/ca-certificates || exit 9
flock /var/lib/ca-certificates sh -c 'touch held; sleep 1; test ! -e /var/lib/ca-certificates/ca-bundle.pem && touch first' &
while [ ! -e held ]; do sleep 0.1; done
"$program" add --yes ca.pem && wait && test -e first && test -s /var/lib/ca-certificates/ca-bundle.pem
END
tree etc/pki/trust usr/share/pki/trust
if command -v flock >/dev/null; then
	check "what holds the lock of SUSE's tool is waited for" unshare -rm sh locked
else
	skip "what holds the lock of SUSE's tool is waited for" "there is no flock here"
fi

rm -rf nix && mkdir -p nix/etc/ssl/certs nix/root && : >nix/etc/NIXOS && cp ca.pem nix/root/ && cp "$bundle" nix/etc/ssl/certs/ca-certificates.crt
(cd nix && find . -type f -exec sha256sum {} + | sort) >before
check "on NixOS nothing is changed" fails "$program" --root=nix add --yes /root/ca.pem
"$program" --root=nix add --yes /root/ca.pem >said 2>&1
check "... and what to declare is told" says 'security.pki.certificates = ' said

tree etc/pki/ca-trust/source usr/share/pki/ca-trust-source
cat >sealed <<END
mount --bind t/etc t/etc && mount -o remount,bind,ro t/etc || exit 9
"$program" --root=t add --yes /root/ca.pem
END
manifest >before
unshare -rm sh sealed >said 2>&1
check "on a read-only file system it is told where to declare it" says 'is on a read-only file system' said
manifest >after
check "... and nothing is changed" cmp before after
mkdir t/ostree
unshare -rm sh sealed >said 2>&1
check "... as a Butane snippet on a system of OSTree" says 'path: /etc/pki/ca-trust/source/anchors/Corp_Root.pem' said
echo 'what is this?' >t/etc/pki/ca-trust/source/blocklist/odd
in_tree add --yes /root/ca.pem >said 2>&1
check "a file that is to forbid something and does not is told" says 'NOT forbidden' said
finish
