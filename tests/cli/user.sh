#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# add, distrust, remove and undo with --user, in a home of their own: what OpenSSL and NSS make of it, with the
# variables that were written and without them, and that nothing is left in the end. The system is only read.
# $ANCHORAGE: the program, default: the build's.
. "$(dirname -- "$0")/../tap.sh"
want_program
want openssl
want_temp
HOME=$temp/home
mkdir "$HOME"
export HOME
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME SSL_CERT_FILE SSL_CERT_DIR 2>/dev/null
kept=$HOME/.local/share/anchorage
variables=$HOME/.config/environment.d/60-anchorage.conf

held() # SENTENCE, and whether the last command failed
{
	verdict "$1" "$([ "$2" -eq 0 ] || { echo "status $2" && cat "$temp/said"; })"
}

run() { "$program" "$@" >"$temp/said" 2>&1; }
with() { (set -a && . "$variables" && set +a && "$@") >>"$temp/said" 2>&1; }

run list --purpose=server-auth system && [ "$(grep -c . "$temp/said")" -ge 10 ] ||
	skip_all "this system trusts nothing that a bundle could be made of"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3000 \
	-subj '/O=Alder Trees/CN=Alder User CA' -addext basicConstraints=critical,CA:TRUE \
	-addext keyUsage=critical,keyCertSign >/dev/null 2>&1 &&
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr \
		-subj '/CN=leaf.example' >/dev/null 2>&1 &&
	openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 90 -out leaf.pem >/dev/null 2>&1 || exit 99

! openssl verify leaf.pem >"$temp/said" 2>&1
held "before, OpenSSL rejects what the CA issued" $?
run add --user --yes ca.pem && [ -f "$kept/own.pem" ]
held "a CA is added without a place that only root may write" $?
with openssl verify leaf.pem
held "with the variables OpenSSL accepts it" $?
! openssl verify leaf.pem >"$temp/said" 2>&1
held "without them it does not, and that was told" $?
run add --user --yes ca.pem && grep -q 'set -a; \. ' "$temp/said"
held "once more is no change, and tells what this environment lacks" $?
(set -a && . "$variables" && set +a && run add --user --yes ca.pem && grep -q 'variables are set' "$temp/said")
held "with the variables nothing is lacking" $?
mkdir "$temp/it's \$here" && HOME="$temp/it's \$here" run add --user --yes ca.pem &&
	line=$(sed -n 's/.*starts no session: //p' "$temp/said") && [ -n "$line" ] &&
	(eval "$line" && openssl verify leaf.pem) >>"$temp/said" 2>&1
held "the line for now, as it is printed, is read by a shell whatever quotes the home has" $?
if has certutil && [ -f "$HOME/.local/share/pki/nssdb/cert9.db" ]; then
	certutil -L -d "sql:$HOME/.local/share/pki/nssdb" >"$temp/said" 2>&1
	grep -q '^Alder User CA .*C,,' "$temp/said"
	held "NSS finds it in the user's database" $?
else
	skip "NSS finds it in the user's database" "no certutil, or no softokn here"
fi

# The first root of the bundle, which is the system's.
sed '/-END CERTIFICATE-/q' "$kept/ca-bundle.pem" >root.pem
with openssl verify root.pem
held "what the system trusts is trusted beside it" $?
run distrust --user --yes root.pem && ! with openssl verify root.pem
held "what is distrusted is rejected, though the system's directory has it" $?
run distrust --lift --user --yes root.pem && with openssl verify root.pem
held "and accepted when that is lifted" $?
run remove --user --yes ca.pem && ! openssl verify leaf.pem >>"$temp/said" 2>&1 && [ ! -f "$variables" ] &&
	[ -z "$(find "$kept" -type f)" ]
held "with the last of them all files go" $?
run undo --user --yes && with openssl verify leaf.pem
held "undo brings them back" $?
run remove --user --yes ca.pem && [ ! -f "$variables" ]
held "and they can be removed again" $?

# By sudo, which keeps $HOME.
if [ "$(id -u)" = 0 ]; then
	mkdir -p another/.config elsewhere && ln -s "$temp/elsewhere" another/.config/environment.d && chown -hR 65534 another
	! HOME=$temp/another run add --user --yes ca.pem && grep -q 'belongs to user 65534' "$temp/said" &&
		[ -z "$(ls elsewhere)" ] && [ ! -e another/.local ]
	held "root writes nothing into another user's home" $?
	mkdir mine
	! HOME=$temp/mine XDG_DATA_HOME=$temp/another run add --user --yes ca.pem && ! HOME=$temp/mine XDG_CONFIG_HOME=$temp/another/.config \
		run add --user --yes ca.pem && [ -z "$(ls -A mine)$(ls elsewhere)" ] && [ ! -e another/anchorage ]
	held "... nor into directories of another user that the environment names" $?
else
	skip "root writes nothing into another user's home" "this is not root"
	skip "... nor into directories of another user that the environment names" "this is not root"
fi

# What is kept beside the history is this user's too, and says where a store is from wherever it is read.
mkdir -p venv/lib/python3.11/site-packages/certifi && cp root.pem own.pem &&
	cp root.pem venv/lib/python3.11/site-packages/certifi/cacert.pem
run add --user --yes --accept=replaces-another --to pem:./own.pem --replaces \
	"$(openssl x509 -in root.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g')" --retire-on 2100-01-01 ca.pem &&
	grep -q "	pem:$temp/own.pem\$" "$HOME/.local/state/anchorage/retirements"
held "what is to be retired is noted in the user's own state" $?
run add --user --yes --accept=package-owned --to "certifi:$temp/venv" ca.pem &&
	cp root.pem venv/lib/python3.11/site-packages/certifi/cacert.pem && run refresh --user --yes &&
	[ "$(grep -c BEGIN venv/lib/python3.11/site-packages/certifi/cacert.pem)" = 2 ]
held "what is done again after an upgrade is kept there too" $?

finish
