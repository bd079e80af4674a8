#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# How a change begins and ends: who is asked on a terminal and what cannot be agreed to there, what a dry run leaves,
# odd surroundings, and --json in each ending. In a tree of its own.
. "$(dirname -- "$0")/../tap.sh"
want_program
want python3 openssl
want_temp
mkdir -p root/srv
for i in 1 2; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $i.key -out root/srv/$i.pem -days 3000 \
		-subj "/CN=Asked $i" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
		>/dev/null 2>&1 || exit 99
done
cat root/srv/1.pem 1.key >root/srv/key.pem

# Some pipes take their time; meanwhile the rest is tried.
mkfifo root/none root/slow
timeout 60 "$program" -q add --dry-run --yes --to "pem:$temp/root/srv/2.pem" root/none >none 2>&1 &
none=$!
(sleep 12; cat root/srv/1.pem) >root/slow &
timeout 60 "$program" -q add --dry-run --yes --to "pem:$temp/root/srv/2.pem" root/slow >slow 2>&1 &
slow=$!

ours() { "$program" --root "$temp/root" "$@"; }
held() { [ "$1" = 0 ] || { echo 'it is not so; what it said:'; cat said; } 2>&1; }
begin() { rm -rf root/var && cp root/srv/2.pem root/srv/bundle.pem; }
is_old() { cmp -s root/srv/2.pem root/srv/bundle.pem; }

# typed ANSWER ARGUMENTS: on a terminal, with standard output there too unless $to names a file; the status
typed()
{
	python3 -c 'import os, pty, sys
child, fd = pty.fork()
if child == 0:
    if "to" in os.environ:
        os.dup2(os.open(os.environ["to"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.execv(sys.argv[2], sys.argv[2:])
said = b""
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    if b"[y/N]" in said + got and b"[y/N]" not in said:
        os.write(fd, sys.argv[1].encode() + b"\n")
    said += got
open("said", "wb").write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))' "$1" "$program" --root "$temp/root" add --to pem:/srv/bundle.pem "$2" ${3:+"$3"}
}

# json RESULT STATUS ARGUMENTS: one object that says so, and the status
json()
{
	result=$1 wanted=$2
	shift 2
	ours --json "$@" >out 2>said </dev/null
	got=$?
	[ $got = "$wanted" ] || echo "status $got and not $wanted: $*"
	python3 -c 'import json, sys
said = json.load(open("out"))
assert said["result"] == sys.argv[1], said["result"]
assert (said.get("error") is not None) == (sys.argv[1] in ("refused", "failed"))' "$result" 2>&1
}

no_terminals=$(python3 -c 'import os, pty
pty.openpty()' 2>&1 | tail -1)
if [ -n "$no_terminals" ]; then
	skip "on a terminal it is asked for, and the answer counts" "no terminal can be made: $no_terminals"
	skip "nobody is asked to agree to what was not shown" "no terminal can be made"
	skip "a private key in the file is accepted by name only, on a terminal too" "no terminal can be made"
else
	begin
	typed n /srv/1.pem; no=$?
	is_old && [ $no = 1 ] && typed y /srv/1.pem && ! is_old
	verdict "on a terminal it is asked for, and the answer counts" "$(held $?)"
	begin
	typed y -q /srv/1.pem; quiet=$?
	typed y --json /srv/1.pem; json=$?
	to=out typed y /srv/1.pem; file=$?
	to=/dev/null typed y /srv/1.pem; null=$?
	is_old && [ $quiet$json$file$null = 2222 ] && ! grep -q y/N said
	verdict "nobody is asked to agree to what was not shown" "$([ $? = 0 ] || echo "$quiet $json $file $null")"
	typed y /srv/key.pem; no=$?
	is_old && [ $no = 1 ] && ! ours -q add --yes --to pem:/srv/bundle.pem /srv/key.pem 2>/dev/null && is_old &&
		typed y --accept=private-key-in-file /srv/key.pem && ! is_old
	verdict "a private key in the file is accepted by name only, on a terminal too" "$(held $?)"
fi

begin
! ours -q refresh --yes --from /srv/key.pem --allow-shrink pem:/srv/bundle.pem 2>said && grep -q 'accept private-key' said && is_old &&
	ours -q refresh --yes --accept=private-key-in-file --from /srv/key.pem --allow-shrink pem:/srv/bundle.pem && ! is_old
verdict "a list is no way around what is accepted by name only" "$(held $?)"

begin
find root -printf '%p %i %T@ %C@\n' >before
ours add --dry-run --yes --to pem:/srv/bundle.pem /srv/1.pem >/dev/null && ! ours add --check --yes --to pem:/srv/bundle.pem /srv/1.pem >/dev/null
found=$(find root -printf '%p %i %T@ %C@\n' | diff before -)
verdict "a dry run touches nothing" "$found"
ours -q add --yes --to pem:/srv/bundle.pem /srv/1.pem <&- 2>&- >said && ! is_old
verdict "closed descriptors do no harm" "$([ $? = 0 ] || echo "$?")"
begin
python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$program" --root "$temp/root" -q add --yes --to pem:/srv/bundle.pem /srv/1.pem && ! is_old
verdict "who ignores the end of children is served all the same" "$([ $? = 0 ] || echo it failed)"

begin
found=$(json dry-run 0 add --dry-run --to pem:/srv/bundle.pem /srv/1.pem
	json failed 2 add --to pem:/srv/bundle.pem /srv/1.pem
	json refused 1 add --yes --to pem:/srv/bundle.pem /srv/key.pem
	json done 0 add --yes --to pem:/srv/bundle.pem /srv/1.pem
	json nothing-to-do 0 add --yes --to pem:/srv/bundle.pem /srv/1.pem
	cp root/srv/1.pem root/srv/bundle.pem
	json refused 1 undo --yes
	json done 0 undo --yes --force)
verdict "--json is one object in each ending, with what went wrong" "$found"

found=$(json failed 2 add --yes /srv/nowhere.pem
	json failed 2 add --yes --to nothing:/srv/bundle.pem /srv/1.pem
	json failed 2 add --nothing /srv/1.pem
	json failed 2 add
	json failed 2 remove --yes --to pem:/srv/bundle.pem nobody
	json failed 2 distrust --yes --to pem:/srv/bundle.pem 12345678
	json failed 2 refresh --yes --from /srv/nowhere.pem pem:/srv/bundle.pem
	json failed 2 apply --yes /srv/nowhere.policy
	json failed 2 undo 4711)
verdict "what fails before there is a plan is one object too" "$found"
for command in "list /nowhere" "diff /nowhere /srv/1.pem" "show nobody /srv/1.pem" "export /nowhere" "history 4711" "stores --nothing"; do
	ours --json $command 2>/dev/null </dev/null | python3 -c 'import json, sys
said = json.load(sys.stdin)
assert said["command"] == sys.argv[1].split()[0] and said["error"] and len(said) == 3' "$command" || break
done 2>said
verdict "and so is what a command that only looks fails with" "$(cat said)"

# A program with a table of its own: the second CA is known to be bad.
mkdir -p own/data && cp "$program" own/anchorage && cp "$srcdir"/data/* own/data 2>/dev/null
id=$(openssl x509 -in root/srv/2.pem -outform DER | sha256sum | cut -d' ' -f1)
printf '%s\t-\tAsked 2\tcompromised-ca\tno\t-\t-\t-\tby this test\there\n' "$id" >>own/data/known-bad.tsv
bad2() { own/anchorage --root "$temp/root" -q "$@" 2>said </dev/null; }
begin
cat root/srv/1.pem >>root/srv/bundle.pem
bad2 add --yes --to pem:/srv/new.pem /srv/2.pem
[ $? = 1 ] && grep -q 'accept known-bad' said && bad2 remove --yes --to pem:/srv/bundle.pem "Asked 2" && ! is_old &&
	! bad2 undo --yes && grep -q 'accept known-bad' said && bad2 undo --yes --accept=known-bad &&
	grep -q BEGIN root/srv/bundle.pem && [ "$(grep -c BEGIN root/srv/bundle.pem)" = 2 ] &&
	bad2 remove --yes --to pem:/srv/bundle.pem "Asked 1" && bad2 undo --yes
verdict "what an undo makes trusted again is accepted as when it is added" "$(held $?)"
openssl x509 -in root/srv/2.pem -trustout -addreject anyExtendedKeyUsage >root/srv/forbidden.pem
openssl x509 -in root/srv/1.pem -trustout -addreject anyExtendedKeyUsage >>root/srv/forbidden.pem
! bad2 distrust --lift --yes --allow-empty --to trusted:/srv/forbidden.pem "Asked 2" && grep -q 'accept known-bad' said &&
	bad2 distrust --lift --yes --allow-empty --to trusted:/srv/forbidden.pem "Asked 1" &&
	bad2 distrust --lift --yes --allow-empty --accept=known-bad --to trusted:/srv/forbidden.pem "Asked 2"
verdict "and so is what is allowed again" "$(held $?)"

wait $none
[ $? = 2 ] && grep -q 'none: a pipe that nobody has opened' none
verdict "a pipe that nobody writes to is an error" "$([ $? = 0 ] || { echo "it is not so:"; cat none; })"
wait $slow
verdict "and one that somebody does is waited for" "$([ $? = 0 ] || { echo "it is not so:"; cat slow; })"

finish
