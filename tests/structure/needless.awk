# SPDX-License-Identifier: LGPL-2.1-or-later
# Reads what code.awk prints of all files below src/, and prints FILE HEADER for each include of a header that declares
# nothing whose name occurs in the file. Names are those of macros, types, functions, variables and constants; not of
# parameters and of members: who needs these alone is told by the compiler.
BEGIN {
	split("if else for while do return sizeof static inline const void char int unsigned signed long short bool extern typedef struct union enum define undef ifndef ifdef endif include defined __attribute__ size_t ssize_t time_t pid_t uid_t gid_t mode_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t FILE NULL true false", words, " ")
	for (i in words) common[words[i]] = 1
}

{
	file = $0
	sub(/:.*/, "", file)
	text = substr($0, length(file) + 2)
	sub(/^[0-9]*:/, "", text)
	if (text ~ /^[ \t]*#[ \t]*include[ \t]*"/) {
		sub(/^[^"]*"/, "", text)
		sub(/".*/, "", text)
		from[++includes] = file
		header[includes] = "src/" text
		next
	}
	if (text ~ /^[ \t]*#[ \t]*include/)
		next
	if (file != last) {
		depth = inside = 0
		word = kind = ""
		last = file
	}
	is_macro = text ~ /^[ \t]*#[ \t]*define/ && !inside
	while (match(text, /[A-Za-z_][A-Za-z0-9_]*|[{}();=]/)) {
		token = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (token ~ /^[A-Za-z_]/) {
			names[file, token] = 1
			if (token == "struct" || token == "union" || token == "enum")
				kind = token
			else if (inside == 0 && (depth == 0 || braces[depth] == "enum") && !(token in common) &&
			    !((word == "struct" || word == "union" || word == "enum") && text !~ /^[ \t]*\{/))
				declared[file, ++count[file]] = token
			word = token
			if (is_macro && word != "define") # what it is made of is not what it is called
				break
			continue
		}
		word = ""
		if (token == "(" || token == ")")
			inside += token == "(" ? 1 : -1
		else if (token == "{")
			braces[++depth] = kind
		else if (token == "}")
			depth -= depth > 0
		if (token != "(" && token != ")")
			kind = ""
	}
}

END {
	for (i = 1; i <= includes; i++) {
		own = from[i]
		sub(/\.[ch]$/, "", own)
		needed = !(header[i] in count) || own == substr(header[i], 1, length(header[i]) - 2)
		for (k = 1; !needed && k <= count[header[i]]; k++)
			needed = (from[i] SUBSEP declared[header[i], k]) in names
		if (!needed)
			print from[i], header[i]
	}
}
