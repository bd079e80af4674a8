#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A host with two JVMs, node, several Pythons, google-cloud-sdk, NSS databases and browser profiles, made of this
# machine's own files where it has them: `stores` finds every store, which an independent sweep by find and grep
# confirms. What only one of the two finds is in the table below, with the reason; nothing else may be.
# $ANCHORAGE: the program, default: the build's.
. "$(dirname -- "$0")/../tap.sh"
want_program
want_temp
plain=$srcdir/tests/roots/plain
root=$temp/host

# Paths that one side alone finds, and why: "sweep" for find and grep, "stores" for us.
explained='
sweep	/usr/share/doc/libx/examples/cacert.pem	an example in documentation, which nothing reads
sweep	/usr/lib/python3/dist-packages/app/tests/server.pem	a certificate of a test
sweep	/home/alice/project/README	PEM in text
stores	/usr/local/share/ca-certificates	an empty directory, where a root may be put
stores	/home/alice/.mozilla/certificates	an empty directory, for policies.json
'

# put FILE SOURCE...: a file of the root with these contents
put()
{
	mkdir -p "$root$(dirname "$1")"
	to=$root$1
	shift
	cat "$@" >"$to"
}

bundle=/etc/ssl/certs/ca-certificates.crt
[ -r $bundle ] || bundle=$plain/bundle.pem
certifi=$(python3 -m certifi 2>/dev/null </dev/null)
[ -r "${certifi:-/nowhere}" ] || certifi=$plain/bundle-new.pem

# --- the host ---
mkdir -p "$root/root" "$root/usr/local/share/ca-certificates" "$root/home/alice/.mozilla/certificates"
printf 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n' >"$temp/passwd"
put /etc/passwd "$temp/passwd"
put /etc/ssl/certs/ca-certificates.crt $bundle
ln -s /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/cert.pem"

if [ -r /etc/ssl/certs/java/cacerts ]; then
	put /etc/ssl/certs/java/cacerts /etc/ssl/certs/java/cacerts
else
	mkdir -p "$root/etc/ssl/certs/java"
	"$program" -q export --format=java-cacerts --purpose=any $bundle "$root/etc/ssl/certs/java/cacerts" 2>/dev/null
fi
for jvm in java-17-openjdk temurin-25-jdk; do
	mkdir -p "$root/usr/lib/jvm/$jvm/lib/security"
	ln -s /etc/ssl/certs/java/cacerts "$root/usr/lib/jvm/$jvm/lib/security/cacerts"
done
"$program" -q export --format=pkcs12 --purpose=any "$plain/alder.pem" "$temp/p12" 2>/dev/null
put /home/alice/.sdkman/candidates/java/21-tem/lib/security/cacerts "$temp/p12"

put /usr/bin/node /bin/sh $bundle # PEM in a program
chmod +x "$root/usr/bin/node"

debian='def where(): return "/etc/ssl/certs/ca-certificates.crt"'
echo "$debian" >"$temp/core.py"
put /usr/lib/python3/dist-packages/certifi/core.py "$temp/core.py"
put /usr/lib/python3/dist-packages/certifi/cacert.pem "$certifi"
for place in /opt/venv/lib/python3.11 /home/alice/project/.venv/lib/python3.12 /home/alice/.local/lib/python3.11 \
	/home/alice/.pyenv/versions/3.11.7/lib/python3.11 /home/alice/.local/share/pipx/venvs/httpie/lib/python3.12 \
	/home/alice/.local/share/uv/tools/ruff/lib/python3.13 /home/alice/miniconda3/lib/python3.12; do
	put $place/site-packages/certifi/cacert.pem "$certifi"
	put $place/site-packages/pip/_vendor/certifi/cacert.pem "$certifi"
done
put /opt/venv/lib/python3.11/site-packages/botocore/cacert.pem $bundle
put /opt/venv/lib/python3.11/site-packages/grpc/_cython/_credentials/roots.pem $bundle
put /home/alice/miniconda3/ssl/cacert.pem "$certifi"
put /usr/share/grpc/roots.pem $bundle

sdk=/usr/lib/google-cloud-sdk
for file in lib/third_party/certifi/cacert.pem lib/third_party/botocore/cacert.pem \
	lib/third_party/httplib2/python3/httplib2/cacerts.txt platform/bq/third_party/certifi/cacert.pem \
	platform/bq/third_party/httplib2/python2/cacerts.txt platform/gsutil/third_party/certifi/certifi/cacert.pem \
	platform/gsutil/gslib/vendored/boto/boto/cacerts/cacerts.txt platform/gsutil/gslib/data/cacerts.txt \
	platform/google_appengine/lib/certifi/certifi/cacert.pem \
	platform/bundledpythonunix/lib/python3.12/site-packages/grpc/_cython/_credentials/roots.pem \
	platform/bundledpythonunix/lib/python3.12/site-packages/pip/_vendor/certifi/cacert.pem; do
	put $sdk/$file "$certifi"
done

# NSS: databases of certutil where there is one, else files that are called so.
database()
{
	mkdir -p "$root$1"
	if command -v certutil >/dev/null 2>&1 && certutil -N -d "sql:$root$1" --empty-password 2>/dev/null; then
		return
	fi
	printf 'SQLite format 3\0' >"$root$1/cert9.db"
}
fox=/home/alice/.mozilla/firefox
database /home/alice/.pki/nssdb
database /home/alice/.local/share/pki/nssdb
database $fox/abc.default-release
database $fox/left.over
database /home/alice/snap/firefox/common/.mozilla/firefox/snap.default
database /home/alice/.var/app/org.mozilla.firefox/.mozilla/firefox/flat.default
database /home/alice/.thunderbird/mail.default
database /home/alice/elsewhere/profile
database /home/alice/.config/mozilla/firefox/new.default
printf '[Profile0]\nName=default\nIsRelative=1\nPath=abc.default-release\n\n[Profile1]\nIsRelative=0\nPath=%s\n' \
	/home/alice/elsewhere/profile >"$root$fox/profiles.ini"
printf '[Profile0]\nIsRelative=1\nPath=snap.default\n' >"$root/home/alice/snap/firefox/common/.mozilla/firefox/profiles.ini"
mkdir -p "$root/etc/pki/nssdb" && echo old >"$root/etc/pki/nssdb/cert8.db"

put /etc/docker/certs.d/registry.example/ca.crt "$plain/alder.pem"
put /home/alice/.postgresql/root.crt "$plain/birch.pem"
put /home/alice/corp.pem "$plain/cedar.pem"
printf '[http]\n\tsslCAInfo = ~/corp.pem\n' >"$root/home/alice/.gitconfig"

put /usr/share/doc/libx/examples/cacert.pem "$plain/alder.pem"
put /usr/lib/python3/dist-packages/app/tests/server.pem "$plain/hazel.pem"
put /home/alice/project/README "$plain/alder.pem"

# --- what each side finds, as paths in the root ---
LC_ALL=C
export LC_ALL
{
	grep -rlaF 'BEGIN CERTIFICATE' "$root"
	find "$root" -type f \( -name cacerts -o -name jssecacerts -o -name 'cert[89].db' \)
} | sed "s|^$root||" | sort -u >"$temp/sweep"
"$program" --root="$root" --json stores --names >"$temp/names.json" 2>"$temp/errors" </dev/null
grep -o '"place":"[^"]*"' "$temp/names.json" | cut -d'"' -f4 | sort -u >"$temp/stores"
verdict "the survey of the host succeeds" "$(cat "$temp/errors")"

# A directory is a store by what lies in it.
awk -v sweep="$temp/sweep" '
	BEGIN { while ((getline line < sweep) > 0) file[line] = 1 }
	{ for (f in file) if (f == $0 || index(f, $0 "/") == 1) claimed[f] = 1 }
	END { for (f in file) if (!(f in claimed)) print f }' "$temp/stores" | sort >"$temp/missed"
while read -r place; do
	[ -L "$root$place" ] && continue # another name of a file that is found by its own
	awk -v place="$place" '$0 == place || index($0, place "/") == 1 { found = 1 } END { exit !found }' "$temp/sweep" ||
		echo "$place"
done <"$temp/stores" | sort >"$temp/more"

reasons() { printf '%s\n' "$explained" | sed -n "s/^$1	\\([^	]*\\)	.*/\\1/p" | sort; }
printf '%s\n' "$explained" | sed -n 's/^\(sweep\|stores\)	/# only &/p'
reasons sweep >"$temp/sweep.reasons"
reasons stores >"$temp/stores.reasons"
verdict "every file that find and grep find is a store, or has a reason not to be" \
	"$(comm -23 "$temp/missed" "$temp/sweep.reasons")"
verdict "every store is one that find and grep see, or has a reason" "$(comm -23 "$temp/more" "$temp/stores.reasons")"
verdict "every reason is needed" \
	"$(comm -13 "$temp/missed" "$temp/sweep.reasons"; comm -13 "$temp/more" "$temp/stores.reasons")"

"$program" --root="$root" --json stores --names --scan </dev/null 2>/dev/null |
	sed -n '/"unclaimed":/,$ { s/.*"unclaimed"://; p; }' | grep -o '"place":"[^"]*"' | cut -d'"' -f4 | sort >"$temp/unclaimed"
verdict "the scan reports exactly the files that are no store's" "$(diff "$temp/sweep.reasons" "$temp/unclaimed")"

# --- one by one ---
state() # NAME: its state and what is behind it
{
	grep -o "{\"name\":\"$1\",.*" "$temp/names.json" | sed 's/.*"state":"\([a-z]*\)".*/\1/'
}
is() { verdict "$1" "$([ "$(state "$2")" = "$3" ] || echo "$2 is '$(state "$2")'")"; }
is "the two JVMs' key store is one store" java-system effective
verdict "... with both JVMs as its other names" "$(for jvm in java-17-openjdk temurin-25-jdk; do
	grep '"name":"java-system"' "$temp/names.json" | grep -q "\"java:/usr/lib/jvm/$jvm\"" || echo "no $jvm"
done)"
is "a JVM of sdkman has its own" java:/home/alice/.sdkman/candidates/java/21-tem effective
is "Debian's certifi is a decoy" certifi:/usr decoy
is "a virtual environment's is not" certifi:/opt/venv effective
is "botocore beside certifi is shadowed" botocore:/opt/venv shadowed
is "the older of the two places of the shared database counts" nss:/home/alice/.pki/nssdb effective
is "... and the newer one does not" nss:/home/alice/.local/share/pki/nssdb shadowed
is "a profile that profiles.ini names counts" nss:$fox/abc.default-release effective
is "... also at another place" nss:/home/alice/elsewhere/profile effective
is "a profile that it does not name is not used" nss:$fox/left.over shadowed
is "Firefox's newer place does not count beside the older" nss:/home/alice/.config/mozilla/firefox/new.default shadowed
is "a profile in a snap is found" nss:/home/alice/snap/firefox/common/.mozilla/firefox/snap.default effective
is "a profile in a flatpak is found" nss:/home/alice/.var/app/org.mozilla.firefox/.mozilla/firefox/flat.default effective
is "a profile of Thunderbird is found" nss:/home/alice/.thunderbird/mail.default effective
is "a program with roots in it is found" node effective
is "a file that git is told of is found" git:/home/alice/corp.pem effective

# --- a root in one NSS profile and one virtual environment only ---
cat "$plain/dogwood.pem" >>"$root/opt/venv/lib/python3.11/site-packages/certifi/cacert.pem"
put /dogwood.pem "$plain/dogwood.pem"
holders="certifi:/opt/venv"
sentence="a root that was put into one virtual environment and one NSS profile is told to be in these two"
if ! "$program" --tables 2>/dev/null </dev/null | grep -q '^kind	nss$'; then
	sentence="a root that was put into one virtual environment is told to be there only"
elif ! certutil -A -d "sql:$root$fox/abc.default-release" -n dogwood -t C,, -i "$plain/dogwood.pem" 2>/dev/null; then
	sentence="a root that was put into one virtual environment is told to be there only"
else
	holders="$holders nss:$fox/abc.default-release"
fi
"$program" --root="$root" --at=2026-11-23 show /dogwood.pem >"$temp/shown" 2>/dev/null </dev/null
told=$(sed -n '/^  STORE/,/^$/p' "$temp/shown" | awk 'NR > 1 && NF { print $1 }' | sort | tr '\n' ' ')
verdict "$sentence" "$([ "$told" = "$(printf '%s\n' $holders | sort | tr '\n' ' ')" ] || { echo "told: $told"; cat "$temp/shown"; })"
verdict "... with the file and the line" "$(grep -q \
	"^  certifi:/opt/venv  *anchor  */opt/venv/lib/python3.11/site-packages/certifi/cacert.pem, line [0-9]" "$temp/shown" ||
	cat "$temp/shown")"

# --- counts ---
counted() { "$program" --root="$root" --json stores 2>/dev/null </dev/null | grep -o '^{"name":"'"$1"'",.*"count":[0-9]*' | sed 's/.*"count"://'; }
if command -v keytool >/dev/null 2>&1; then
	theirs=$(keytool -list -keystore "$root/etc/ssl/certs/java/cacerts" -storepass changeit 2>/dev/null </dev/null |
		grep -c trustedCertEntry)
	verdict "the key store has as many entries as keytool lists" \
		"$([ "$(counted java-system)" = "$theirs" ] || echo "ours $(counted java-system), keytool's $theirs")"
else
	skip "the key store has as many entries as keytool lists" "no keytool here"
fi
verdict "a bundle has as many entries as it has different blocks" "$(
	theirs=$(grep -c 'BEGIN CERTIFICATE' "$certifi")
	[ "$(counted certifi:/usr)" = "$theirs" ] || echo "ours $(counted certifi:/usr), grep's $theirs")"
finish
