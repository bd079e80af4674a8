#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The completion for bash, called as bash calls it. $ANCHORAGE: the program, default: the build's.
. "$(dirname -- "$0")/../tap.sh"
want_program
want bash
# shellcheck disable=SC2016 # for that bash
bash -c '[ ${BASH_VERSINFO[0]} -ge 4 ]' || skip_all "this bash is older than 4"
want_temp
mkdir -p "$temp/bin" "$temp/home" "$temp/there/deeper dir"
ln -s "$program" "$temp/bin/anchorage"
touch "$temp/there/file.pem" "$temp/there/deeper dir/one.pem"
cd "$temp/there" || exit 99

# The line is parted as bash parts it: at blanks, and "=" and ":" are words of their own.
PATH=$temp/bin:$PATH HOME=$temp/home bash --norc --noprofile -s -- "$srcdir/data/completion/anchorage.bash" <<'END'
source "$1"
count=0 bad=0

verdict()
{
	count=$((count + 1))
	if [[ $2 == "$3" ]]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '# got:  %s\n# want: %s\n' "$2" "$3"
		bad=1
	fi
}

# answers LINE: what is offered at its end, sorted, parted by spaces
answers()
{
	local line=$1 piece='' i
	COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=() COMPREPLY=()
	for ((i = 0; i < ${#line}; i++)); do
		case ${line:i:1} in
		' ') if [[ $piece == *\\ ]]; then piece+=' '; else [[ -z $piece ]] || COMP_WORDS+=("$piece"); piece=''; fi ;;
		= | :) [[ -z $piece ]] || COMP_WORDS+=("$piece"); COMP_WORDS+=("${line:i:1}"); piece='' ;;
		*) piece+=${line:i:1} ;;
		esac
	done
	[[ -z $piece && $line == *[=:] ]] || COMP_WORDS+=("$piece")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_anchorage "${COMP_WORDS[0]}" "$piece" ''
	echo $(printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort)
}

verdict "the commands are offered first" "$(answers 'anchorage ' | tr ' ' '\n' | grep -x list)" "list"
verdict "a command that is begun is finished" "$(answers 'anchorage ex')" "export"
verdict "an option of the command is finished" "$(answers 'anchorage list --fil')" "--filter="
verdict "a global option is known behind a command" "$(answers 'anchorage list --js')" "--json"
verdict "another command's option is not offered" "$(answers 'anchorage list --over')" ""
verdict "values are offered behind the equals sign" "$(answers 'anchorage list --filter=')" \
	"all blocklist ca-anchors certificates trust-policy"
verdict "a value that is begun is finished" "$(answers 'anchorage export --format=java')" "java-cacerts"
verdict "... also as a word of its own" "$(answers 'anchorage export --format java')" "java-cacerts"
verdict "purposes are offered" "$(answers 'anchorage list --purpose=em')" "email"
verdict "the codes of warnings are offered" "$(answers 'anchorage add --accept=exp')" "expired expires-soon"
verdict "stores are offered for an option" "$(answers 'anchorage add --to=sys')" "system"
verdict "... but none where a certificate's file is wanted" "$(answers 'anchorage add sys')" ""
verdict "... nor where a number is" "$(answers 'anchorage undo sys')" ""
verdict "system is a store" "$(answers 'anchorage list sy')" "system"
verdict "kinds are offered with their colon" "$(answers 'anchorage list hashd')" "hashdir:"
verdict "files are offered for a store" "$(answers 'anchorage list fi')" "file.pem"
verdict "... and behind a kind" "$(answers 'anchorage list pem:fi')" "file.pem"
verdict "... and behind an option without a value" "$(answers 'anchorage list --json fi')" "file.pem"
verdict "... but not as the value of one" "$(answers 'anchorage export --format fi')" ""
verdict "a directory ends in a slash, and its blanks are quoted" "$(answers 'anchorage list dee')" 'deeper\ dir/'
verdict "a quoted path goes on" "$(answers 'anchorage list deeper\ dir/')" 'deeper\ dir/one.pem'
verdict "only directories are offered for a root" "$(answers 'anchorage --root=')" 'deeper\ dir/'
echo "1..$count"
exit $bad
END
