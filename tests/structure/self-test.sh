#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The structure checks themselves: on a small tree that is in order each passes, and each sees the fault made for it.
. "$(dirname -- "$0")/sources.sh"

want_temp
cd / || exit 99 # it is made anew each time
licence='SPDX-License-Identifier: LGPL-2.1-or-later'

# put FILE TEXT: in the small tree, with its licence
put()
{
	mkdir -p "$temp/$(dirname "$1")"
	case $1 in
	*.[ch]) printf "/* $licence */\n%b" "$2" ;;
	*.1) printf '.\\" %s\n%b' "$licence" "$2" ;;
	*) printf "# $licence\n%b" "$2" ;;
	esac >"$temp/$1"
}

fresh()
{
	rm -rf "$temp"
	put src/base/one.h '#ifndef BASE_ONE_H\n#define BASE_ONE_H\nint one(void); /* printf("x") */\n#endif\n'
	put src/base/one.c '#include "base/one.h"\n\n#include <curses.h>\n\nint one(void)\n{\n\treturn \0047"\0047;\n}\n'
	put src/format/two.c '#include "base/one.h"\n\nstruct { struct { const char *name; } kind; } row = { .kind = { "two" } };\n\nint two(void)\n{\n\treturn one();\n}\n'
	put src/medium/token.c '#include <p11-kit/p11-kit.h>\n'
	put src/show/show.c '#include <stdio.h>\n\nvoid show(void)\n{\n\tputs("x");\n\tfputs("x", stderr);\n}\n'
	put src/cmd/cmd.c '#include <stdio.h>\n\nvoid say(void)\n{\n\tfputs("printf(1)", stderr);\n\tfputs("y", stderr);\n}\n'
	put src/main.c '#include "base/one.h"\n\nvoid *at;\n\nint main(void)\n{\n\tat = stdout;\n\treturn one();\n}\n'
	put tests/unit/test-one.c ''
	put man/anchorage.1 ''
	put Makefile.am "\
x = src/base/one.c src/base/one.h src/format/two.c src/medium/token.c src/show/show.c src/cmd/cmd.c src/main.c \\\\\n\
 tests/unit/test-one.c man/anchorage.1\n"
	put bootstrap ''
	cat >>"$temp/man/anchorage.1" <<-'END'
	.Dd January 1, 2026
	.Dt ANCHORAGE 1
	.Os
	.Sh NAME
	.Nm anchorage
	.Nd manages anchors
	.Sh COMMANDS
	.Bl -tag -width Ds
	.It Ic list , Ic two
	Lists.
	.It Fl -filter Ns = Ns Ar WHAT
	Such as
	.Bl -tag -width Ds
	.It Cm ca-anchors
	Anchors.
	.It Cm server-auth
	Servers.
	.It Sy server-auth Pq low
	A warning.
	.It Cm pem-bundle
	A bundle.
	.El
	.El
	END
	mkdir -p "$temp/tests/cli/list" "$temp/tests/corpus/two"
	echo 'list --filter=ca-anchors --purpose server-auth; export pem-bundle' >"$temp/tests/cli/list/cmd"
	echo x >"$temp/tests/corpus/two/good"
	printf 'printf "command\\\\tlist\\\\nkind\\\\ttwo\\\\nfilter\\\\tca-anchors\\\\npurpose\\\\tserver-auth\\\\nexport\\\\tpem-bundle\\\\n"\n' >"$temp/program"
	printf 'printf "lint\\\\tserver-auth\\\\nreason\\\\tserver-auth\\\\nwarning\\\\tserver-auth\\\\tlow\\\\n"\n' >>"$temp/program"
	printf 'printf "option\\\\tlist\\\\t--filter\\\\n"\n' >>"$temp/program"
	chmod +x "$temp/program"
	objects
}

# What the check of purity sees is made here, by the compiler that made the program.
objects()
{
	mkdir -p "$temp/src/format"
	${CC:-cc} -I"$temp/src" -c -o "$temp/src/format/two.o" "$temp/src/format/two.c"
}

# run CHECK: its lines, on the small tree
run()
{
	srcdir=$temp builddir=$temp ANCHORAGE=$temp/program HOME=/ LIBRARY_CFLAGS='' sh "$here/$1.sh" 2>&1
}

# sees FAULT CHECK SENTENCE: the check says "not ok" to the sentence; the tree is then put in order again
sees()
{
	said=$(run "$2")
	if printf '%s\n' "$said" | grep -q "^not ok [0-9]* - $3"; then
		verdict "a fault is seen: $1" ''
	else
		verdict "a fault is seen: $1" "$said"
	fi
	fresh
}

lines() { awk -v n="$1" -v line="$2" 'BEGIN { while (n-- > 0) print line }'; }

fresh
for check in headers hygiene includes manual purity size tables; do
	said=$(run $check | grep -v '^ok\|^1\.\.')
	verdict "$check finds nothing in a tree that is in order" "$said"
done

put src/base/one.c '#include "format/two.h"\n'
sees "base includes format" includes "every include follows"
put src/cmd/cmd.c '#include "format/format.h"\n'
sees "cmd includes format" includes "every include follows"
put src/new/new.c '#include "base/one.h"\n'
sees "a folder the matrix does not know" includes "every include follows"
put src/main.c '#include "one.h"\n'
sees "a header without its folder" includes "every include follows"
put src/main.c '#include "base/none.h"\n'
sees "a header that is not there" includes "every header in quotes"
put src/medium/other.c '#include <p11-kit/iter.h>\n'
sees "a second file that uses p11-kit" includes "foreign libraries"
put src/base/one.c '#include <curl/curl.h>\n'
sees "a foreign header in the wrong folder" includes "foreign libraries"
put src/base/one.c '#include <stdio.h>\n\nint one(void)\n{\n\treturn printf("x");\n}\n'
sees "printf outside show" includes "only show/"
put src/show/one.c 'int one(void)\n{\n\treturn gnutls_hash_fast(1, 0, 0, 0);\n}\n'
sees "a call of GnuTLS that is linked" includes "GnuTLS is called through"
put src/cmd/cmd.c '#include <stdio.h>\n\nvoid say(void)\n{\n\tfputs("x", stdout);\n}\n'
sees "stdout outside show" includes "only show/"
put src/main.c '#include <stdio.h>\n\nint main(void)\n{\n\treturn fputs("x", stderr);\n}\n'
sees "a second function that writes errors" includes "one function"
put src/base/one.c 'FILE *one(void)\n{\n\treturn stdout;\n}\n'
sees "standard output in other hands" includes "only show/"
put src/base/one.h '#ifndef BASE_ONE_H\n#define BASE_ONE_H\nsize_t one(void);\n#endif\n'
sees "a header that leans on its includer" headers "every header compiles"
put src/base/one.h '#ifndef ONE_H\n#define ONE_H\nint one(void);\n#endif\n'
sees "a guard of another name" headers "every header's guard"
put src/base/one.h '#ifndef BASE_ONE_H\n#define BASE_ONE_G\nint one(void);\n#endif\n'
sees "a guard that guards nothing" headers "every header's guard"
{ printf 'int one(void)\n{\n' && lines 78 '	;' && printf '}\n'; } >"$temp/src/base/one.c"
sees "a function of 81 lines" size "no function"
lines 601 '/**/' >"$temp/src/base/one.c"
sees "a file of 601 lines" size "no file"
put src/format/two.c '#include <stdio.h>\n\nint two(void)\n{\n\treturn fopen("x", "r") != NULL;\n}\n' && objects
sees "a format that opens files" purity "no object"
put src/format/two.c '#include <stdio.h>\n\nint two(int n)\n{\n\treturn printf("%%d", n);\n}\n' && objects
sees "a format that prints" purity "no object"
put src/format/two.c '#include <stdlib.h>\n\nchar *two(void)\n{\n\treturn getenv("x");\n}\n' && objects
sees "a format that asks the environment" purity "no object"
put src/format/three.c ''
sees "a format that is not built" purity "every file of format"
echo 'int x;' >"$temp/src/base/one.c"
sees "a source without its licence" hygiene "every source file says"
put src/base/three.c ''
sees "a source that nothing builds" hygiene "every source file is built"
put src/base/one.c "/* see $temp/src */\n"
sees "a path of this machine" hygiene "no file names a path"
put src/base/one.c '/* \0342\0200\0256 */\n'
sees "an override of the reading direction" hygiene "no source file holds"
if command -v mandoc >/dev/null 2>&1; then
	echo '.Xy' >>"$temp/man/anchorage.1"
	sees "an unknown macro in the manual" manual "no page of the manual"
fi
echo 'printf "command\tnew\n"' >>"$temp/program"
sees "a command without an entry" tables "every row of the tables has its entry"
echo 'printf "option\tlist\t--new\n"' >>"$temp/program"
sees "an option without an entry" tables "every row of the tables has its entry"
sed 's/Pq low/Pq high/' "$temp/man/anchorage.1" >"$temp/new" && mv "$temp/new" "$temp/man/anchorage.1"
sees "a warning that is graver than the manual says" tables "the manual tells how grave"
echo 'list two' >"$temp/tests/cli/list/cmd"
sees "an option without a case" tables "every row of the tables has its test"
rm "$temp/tests/corpus/two/good"
sees "a format without a corpus" tables "every row of the tables has its test"
echo 'printf "kind\tthree\n"' >>"$temp/program" && echo '.It three' >>"$temp/man/anchorage.1"
sees "a medium that no case uses" tables "every row of the tables has its test"
echo 'printf "habit\tnew\n"' >>"$temp/program"
sees "a table the check does not know" tables "the program tells its tables"
echo 'exit 1' >"$temp/program"
sees "a program that tells no tables" tables "the program tells its tables"

finish
