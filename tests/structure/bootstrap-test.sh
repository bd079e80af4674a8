#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What bootstrap would do on other machines: a path with the barest tools, and a package manager that only writes down
# what it is told.
. "$(dirname -- "$0")/sources.sh"

want_temp

# machine UID [MANAGER]: a new one
machine()
{
	rm -rf "$temp/bin"
	mkdir -p "$temp/bin"
	: >"$temp/told"
	for tool in sh dirname mkdir tr sed tail env cat; do ln -s "$(command -v $tool)" "$temp/bin/$tool"; done
	printf '#!/bin/sh\necho %s\n' "$1" >"$temp/bin/id"
	[ -z "${2:-}" ] || printf '#!/bin/sh\necho "%s $*" >>%s\n' "$2" "$temp/told" >"$temp/bin/$2"
	chmod +x "$temp/bin/"*
}

# bootstrap ARGUMENT...: its messages and its status
bootstrap()
{
	env -i PATH="$temp/bin" HOME="$temp" ANCHORAGE_BUILD="$temp/build" sh "$srcdir/bootstrap" "$@" 2>&1 </dev/null
	echo "status $?"
}

# asks SENTENCE WORDS: one line that the package manager was told begins so
asks()
{
	verdict "$1" "$(grep -qxF -- "$2" "$temp/told" || { echo "not told: $2" && cat "$temp/told"; })"
}

# says SENTENCE WORDS OUTPUT
says()
{
	case $3 in *"$2"*) verdict "$1" '' ;; *) verdict "$1" "$3" ;; esac
}

if [ -f "$srcdir/config.status" ]; then
	skip "bootstrap knows other machines" "it was configured in its own folder"
	finish
fi

build=$(machine 0 apt-get && bootstrap --install build git)
asks "apt-get installs what builds, without a question" "apt-get -y --no-install-recommends -o DPkg::Lock::Timeout=300\
 install mawk gcc libc6-dev make pkg-config libgnutls28-dev libinih-dev libjson-c-dev libarchive-dev libcurl4-gnutls-dev nettle-dev libp11-kit-dev autoconf automake"
says "what is missing even so is named" "still missing: the library gnutls 3.6.7 or later" "$build"
says "... and ends with status 2" "status 2" "$build"
machine 0 dnf && bootstrap --install build >/dev/null
asks "dnf, too" "dnf -y --setopt=install_weak_deps=False install\
 gawk gcc make pkgconf-pkg-config pkgconfig(gnutls) pkgconfig(inih) pkgconfig(json-c) pkgconfig(libarchive) pkgconfig(libcurl) pkgconfig(nettle) pkgconfig(p11-kit-1)"
machine 0 zypper && bootstrap --install build >/dev/null
asks "zypper, too" "zypper --non-interactive install --no-recommends\
 gawk gcc make pkg-config pkgconfig(gnutls) pkgconfig(inih) pkgconfig(json-c) pkgconfig(libarchive) pkgconfig(libcurl) pkgconfig(nettle) pkgconfig(p11-kit-1)"
machine 0 pacman && bootstrap --install build >/dev/null
asks "pacman, too" "pacman -S --needed --noconfirm gawk gcc make pkgconf gnutls libinih json-c libarchive curl nettle p11-kit"
machine 0 apk && bootstrap --install build >/dev/null
asks "apk, too" "apk add gawk gcc musl-dev linux-headers make pkgconf gnutls-dev inih-dev json-c-dev libarchive-dev curl-dev nettle-dev p11-kit-dev"

machine 0 apt-get
printf '#!/bin/sh\necho "$*" >>%s\ncase $* in *update) >%s/fetched ;; *) [ -e %s/fetched ] ;; esac\n' \
	"$temp/told" "$temp" "$temp" >"$temp/bin/apt-get"
bootstrap --install git >/dev/null
verdict "lists of packages are fetched when the first try fails, and it is tried again" \
	"$(sed 's/.* //' "$temp/told" | tr '\n' ' ' | sed '/^automake update automake $/d')"

none=$(machine 0 && bootstrap list)
says "without a package manager it says what to install" "the library p11-kit-1 0.23.22 or later" "$none"
says "... and ends with status 2" "status 2" "$none"

user=$(machine 1000 apt-get && bootstrap list)
says "a user who cannot become root is told the command" "install mawk gcc" "$user"
says "... and it ends with status 2" "status 2" "$user"
verdict "... and nothing was installed" "$(cat "$temp/told")"
machine 1000 apt-get
printf '#!/bin/sh\n[ "$1 $2" = "-n true" ] || { [ "$1" = -n ] && shift && exec "$@"; }\n' >"$temp/bin/sudo"
chmod +x "$temp/bin/sudo"
bootstrap --install git >/dev/null
asks "a user who may use sudo without a password does" "apt-get -y --no-install-recommends -o DPkg::Lock::Timeout=300\
 install autoconf automake"

finish
