# SPDX-License-Identifier: LGPL-2.1-or-later
# C without comments, strings emptied: what is left of a line is code. Include lines keep their names.
FNR == 1 { comment = 0 }
{
	line = $0
	out = ""
	if (!comment && line ~ /^[ \t]*#[ \t]*include/) {
		print FILENAME ":" FNR ":" line
		next
	}
	while (line != "") {
		if (comment) {
			at = index(line, "*/")
			if (at == 0)
				break
			line = substr(line, at + 2)
			comment = 0
		} else if (match(line, /\/\*|\/\/|"|'/) == 0) {
			out = out line
			break
		} else {
			token = substr(line, RSTART, RLENGTH)
			out = out substr(line, 1, RSTART - 1)
			line = substr(line, RSTART + RLENGTH)
			if (token == "//")
				break
			else if (token == "/*")
				comment = 1
			else {
				match(line, token == "\"" ? "^([^\"\\\\]|\\\\.)*\"" : "^([^'\\\\]|\\\\.)*'")
				line = substr(line, RLENGTH + 1)
				out = out token token
			}
		}
	}
	print FILENAME ":" FNR ":" out
}
