#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The runner of the cases itself, with a program that is a few lines of sh: it must see every kind of difference.
. "$(dirname -- "$0")/../tap.sh"

want_temp
CASES=$temp/cases ROOTS=$temp/roots ANCHORAGE=$temp/fake
export CASES ROOTS ANCHORAGE
unset UPDATE
mkdir -p "$CASES" "$ROOTS/small/etc"
echo 'from the root' >"$ROOTS/small/etc/file"
chmod 444 "$ROOTS/small/etc/file"
echo 'ln -s nowhere link' >"$ROOTS/small.sh"
mkdir "$ROOTS/broken"
echo 'exit 1' >"$ROOTS/broken.sh"
cat >"$ANCHORAGE" <<'END'
#!/bin/sh
case $1 in
--tables) printf 'kind\tjar\n' ;;
say) echo "$2" ;;
bare) printf %s "$2" ;;
warn) echo "$2" >&2 ;;
end) exit "$2" ;;
eat) cat "$2" && echo more >>"$2" ;;
work) echo "$TMPDIR $HOME" ;;
env) env | grep -v '^\(ANCHORAGE\|CASE\|ROOT\|HOME\|TMPDIR\|PATH\|LC_ALL\|TZ\|PWD\|OLDPWD\|SHLVL\|_\)=' ; echo "$LC_ALL $TZ" ;;
esac
END
chmod +x "$ANCHORAGE"

# make NAME LINE [FILE TEXT]...: a case
make()
{
	mkdir -p "$CASES/$1"
	echo "it holds" >"$CASES/$1/name"
	echo "$2" >"$CASES/$1/cmd"
	case=$1
	shift 2
	while [ $# -gt 0 ]; do
		printf "$2" >"$CASES/$case/$1"
		shift 2
	done
}

# expect SENTENCE CASE LINE: what the runner says of the case starts with this line
expect()
{
	said=$("$srcdir/tests/cli/run.sh" "$2" 2>&1)
	case $said in
	"1..1
$3"*) verdict "$1" '' ;;
	*) verdict "$1" "$said" ;;
	esac
}

SECRET=1
export SECRET
make good '"$ANCHORAGE" say x' stdout 'x\n'
make silent '"$ANCHORAGE" say x'
make wrong '"$ANCHORAGE" say x' stdout 'y\n'
make unended '"$ANCHORAGE" bare x' stdout 'x\n'
make loud '"$ANCHORAGE" warn x'
make warned '"$ANCHORAGE" warn x' stderr 'x\n'
make failing '"$ANCHORAGE" end 3'
make failed '"$ANCHORAGE" end 3' status '3\n'
make rooted '"$ANCHORAGE" eat $ROOT/etc/file; "$ANCHORAGE" eat $CASE/input; echo $ROOT $CASE' \
	root 'small\n' input 'from the case\n' stdout 'from the root\nfrom the case\nroot case\n'
make rootless 'true' root 'none\n'
make unmade 'true' root 'broken\n'
make linked 'readlink $ROOT/link' root 'small\n' stdout 'nowhere\n'
make placed '"$ANCHORAGE" work' stdout '@WORK@/tmp @WORK@/home\n'
make alone '"$ANCHORAGE" env' stdout 'C.UTF-8 UTC\n'
make needy 'false' needs 'sh no-such-program\n'
make kindly '"$ANCHORAGE" say x' needs 'kind:jar\n' stdout 'x\n'
make unkindly 'false' needs 'kind:ja sh\n'
make nameless 'true' name ''

expect "a case that does what it says passes" good "ok 1 - it holds"
expect "standard output where none is expected fails" silent "not ok 1 - it holds"
expect "another standard output fails" wrong "not ok 1 - it holds"
expect "a missing end of the last line fails" unended "not ok 1 - it holds"
expect "standard error where none is expected fails" loud "not ok 1 - it holds"
expect "expected standard error passes" warned "ok 1 - it holds"
expect "a status where none is expected fails" failing "not ok 1 - it holds"
expect "the expected status passes" failed "ok 1 - it holds"
expect "a case works on copies of its root and of its folder" rooted "ok 1 - it holds"
expect "... which another run finds as they were" rooted "ok 1 - it holds"
expect "a root that does not exist fails" rootless "not ok 1 - it holds"
expect "a root is finished by its script" linked "ok 1 - it holds"
expect "a root whose script fails fails" unmade "not ok 1 - it holds"
expect "private places look alike everywhere" placed "ok 1 - it holds"
expect "nothing of the environment reaches the program" alone "ok 1 - it holds"
expect "a case that needs an absent program is skipped, with its name" needy \
	"ok 1 - it holds # SKIP no no-such-program here"
expect "a case that needs a kind of store that is there is run" kindly "ok 1 - it holds"
expect "... and skipped where it is not" unkindly "ok 1 - it holds # SKIP no kind:ja here"
expect "a case without a name fails" nameless "not ok 1 - nameless"
verdict "the runner ends with 1 if a case failed" \
	"$("$srcdir/tests/cli/run.sh" good wrong >/dev/null 2>&1; s=$?; [ $s -eq 1 ] || echo "it ends with $s")"
verdict "all cases are run if none is named" \
	"$("$srcdir/tests/cli/run.sh" 2>/dev/null | grep -q '^1..18$' || echo "there are not 18")"

UPDATE=1 "$srcdir/tests/cli/run.sh" silent wrong unended loud failing >/dev/null 2>&1
blessed=$("$srcdir/tests/cli/run.sh" silent wrong unended loud failing 2>&1) && blessed=''
verdict "UPDATE=1 takes what comes out for what must" "$blessed"

finish
