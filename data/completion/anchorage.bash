# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion for bash 4 and later, with the package bash-completion or without. What fits is
# asked of the program itself: `anchorage --complete WORD...` prints a line for each.
# shellcheck shell=bash

# The words of the line up to the cursor, into the caller's `words`. bash parts them at "=" and ":"
# too: what stands together on the line belongs together.
_anchorage_words()
{
	local rest=${COMP_LINE:0:COMP_POINT} word i
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $i -gt 0 && -n $rest && $rest != [[:blank:]]* ]]; then
			words[-1]+=${word:0:${#rest}}
		else
			rest=${rest#"${rest%%[![:blank:]]*}"}
			words+=("${word:0:${#rest}}")
		fi
		rest=${rest:${#word}}
	done
}

# Adds the files that continue $2 to the answers, quoted, with $3 in front. $1: -f, or -d for directories.
_anchorage_files()
{
	local file quoted
	while IFS= read -r file; do
		printf -v quoted %q "${file#\~/}"
		[[ $file == \~/* ]] && quoted=\~/$quoted
		[[ -d ${file/#\~\//$HOME/} ]] && quoted+=/
		COMPREPLY+=("$3$quoted")
	done < <(compgen "$1" -- "${2//\\/}")
}

_anchorage()
{
	local program=${1/#\~\//$HOME/} words word current previous='' value='' head='' keep='' i
	_anchorage_words
	current=${words[-1]}
	case $current in
	--*=*) head=${current%%=*}= ;;
	*) [[ ${#words[@]} -gt 2 ]] && previous=${words[-2]} ;;
	esac

	# The option whose value is being written, if it is one's: the program offers such with a "=".
	if [[ -n $head ]]; then
		value=${head%=}
	elif [[ $previous == --* ]]; then
		while IFS= read -r word; do
			[[ $word == "$previous=" ]] && value=$previous
		done < <("$program" --complete "${words[@]:1:${#words[@]}-2}" 2>/dev/null </dev/null)
	fi

	COMPREPLY=()
	if [[ $value == --root ]]; then
		_anchorage_files -d "${current#"$head"}" "$head"
	else
		while IFS= read -r word; do
			COMPREPLY+=("$head$word")
		done < <("$program" --complete "${words[@]:1}" 2>/dev/null </dev/null)
	fi
	if [[ -z $value && $current != -* && ${#words[@]} -gt 2 ]]; then
		case $current in
		*[\"\']*) ;; # a path in quotes is left to readline
		[a-z]*:*) _anchorage_files -f "${current#*:}" "${current%%:*}:" ;;
		*) _anchorage_files -f "$current" '' ;;
		esac
	fi

	# No space behind what goes on. What readline leaves standing, before "=" or ":", is not given again.
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:/] ]] && compopt -o nospace 2>/dev/null
	[[ $COMP_WORDBREAKS == *=* ]] && keep+='='
	[[ $COMP_WORDBREAKS == *:* ]] && keep+=':'
	[[ -n $keep ]] && keep=${current%"${current##*["$keep"]}"}
	for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
		COMPREPLY[i]=${COMPREPLY[i]#"$keep"}
	done
}

# With nothing found readline looks for files itself.
complete -o default -F _anchorage anchorage
