#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What programs do with an anchor that is added, forbidden and taken back: curl, wget, git, openssl, gnutls-cli, Python
# (the system's, and a virtual environment with certifi), node, Java and an NSS client, against a TLS server on loopback.
#
# The host is a copy: an overlay over this machine's own tree, in a mount namespace, entered by chroot. Nothing outside
# of it is changed. Needs root, Linux with overlayfs, and update-ca-certificates; else it is skipped and says so.
#
# The helper: tests/clients/clients.sh inside WORK PROGRAM    runs in the copy
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
count=0
bad=0

verdict() # SENTENCE, what is wrong with it
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		bad=1
	fi
}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# ask CLIENT: success if it accepts the server. Extra words of the environment are in $extra.
ask()
{
	url=https://localhost:$port
	set -- "$1" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" LC_ALL=C PYTHONDONTWRITEBYTECODE=1 $extra timeout 30
	client=$1
	shift
	case $client in
	curl) "$@" curl -sS -o /dev/null $url/ ;;
	wget) "$@" wget -q -t 1 -O /dev/null $url/ ;;
	git) "$@" git -c http.proxy= ls-remote $url/repo.git ;;
	openssl) "$@" openssl s_client -connect localhost:$port -verify_return_error -verify_hostname localhost ;;
	gnutls-cli) "$@" gnutls-cli --port $port localhost ;;
	python) "$@" /usr/bin/python3 -c "import urllib.request; urllib.request.urlopen('$url/')" ;;
	venv) "$@" $HOME/venv/bin/python -c "import requests; requests.get('$url/')" ;;
	node) "$@" node -e "require('https').get('$url/', () => process.exit(0)).on('error', () => process.exit(1))" ;;
	java) "$@" java -cp "$work" Ask $url/ ;;
	nss) "$@" tstclnt -4 -h localhost -p $port -d sql:$HOME/.pki/nssdb -Q ;;
	esac </dev/null >"$work/said" 2>&1
}

# Which clients there are; the names of the others.
find_clients()
{
	clients='' lacking=''
	for client in curl wget git openssl gnutls-cli python venv node java nss; do
		case $client in
		python) test -x /usr/bin/python3 ;;
		venv) test -x $HOME/venv/bin/python && $HOME/venv/bin/python -c 'import requests' 2>/dev/null ;;
		java) test -f "$work/Ask.class" ;;
		nss) command -v tstclnt >/dev/null && command -v certutil >/dev/null ;;
		*) command -v $client >/dev/null ;;
		esac && clients="$clients $client" || lacking="$lacking $client"
	done
}

# all_say yes|no SENTENCE: every client accepts, or rejects; variables that were printed are in $variables.
all_say()
{
	told=''
	for client in $clients; do
		extra=''
		[ "$1" = no ] || extra=$(sed -n "s/^$client //p" "$work/variables" 2>/dev/null)
		if ask $client; then got=yes; else got=no; fi
		[ $got = "$1" ] || told="$told
$client says $got${extra:+ (with $extra)}: $(tail -n 2 "$work/said")"
	done
	verdict "$2" "$(printf '%s' "$told" | sed '/^$/d')"
}

# Every file that trust could depend on: path, kind, mode, owner, link, content.
manifest()
{
	find /etc /usr/local/share /usr/share/ca-certificates /usr/lib/ssl $HOME/.pki $HOME/venv /usr/lib/jvm -xdev \
		! -path '/etc/mtab' -printf '%p %y %m %U %G %l\n' 2>/dev/null | LC_ALL=C sort
	find /etc /usr/local/share /usr/share/ca-certificates $HOME/.pki -xdev -type f -exec sha256sum {} + 2>/dev/null | LC_ALL=C sort
}

# A virtual environment whose requests asks its own certifi, as one from PyPI does.
make_venv()
{
	for python in /usr/bin/python3 "$python"; do
		"$python" -c 'import requests, venv' 2>/dev/null && break
	done
	"$python" -m venv --without-pip --system-site-packages $HOME/venv 2>/dev/null || return
	site=$(echo $HOME/venv/lib/python3*/site-packages)
	mkdir "$site/certifi"
	cp /etc/ssl/certs/ca-certificates.crt "$site/certifi/cacert.pem"
	printf '%s\n' 'import os' 'def where():' '    return os.path.join(os.path.dirname(__file__), "cacert.pem")' \
		'def contents():' '    return open(where()).read()' >"$site/certifi/__init__.py"
	cp "$site/certifi/__init__.py" "$site/certifi/core.py"
}

make_hosts()
{
	make_venv
	if command -v certutil >/dev/null; then
		mkdir -p $HOME/.pki/nssdb
		certutil -N -d sql:$HOME/.pki/nssdb --empty-password
	fi
	command -v javac >/dev/null && javac -d "$work" "$work/Ask.java" 2>/dev/null
	printf 'cacerts_updates=yes\n' >/etc/default/cacerts
}

ca() # NAME SUBJECT
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 3650 -subj "$2" \
		-addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
}

serve() # CA
{
	openssl req -new -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=localhost 2>/dev/null
	printf '%s\n' 'subjectAltName=DNS:localhost,IP:127.0.0.1' 'basicConstraints=critical,CA:FALSE' \
		'keyUsage=critical,digitalSignature,keyEncipherment' 'extendedKeyUsage=serverAuth' \
		'authorityKeyIdentifier=keyid' >leaf.ext
	openssl x509 -req -in leaf.csr -CA "$1.pem" -CAkey "$1.key" -CAcreateserial -days 90 -extfile leaf.ext -out "$1-leaf.pem" 2>/dev/null
	rm -rf www port
	mkdir www
	git init -q --bare www/repo.git 2>/dev/null && git -C www/repo.git update-server-info
	(cd www && exec /usr/bin/python3 "$work/server.py" "$work/$1-leaf.pem" "$work/leaf.key") >port 2>/dev/null &
	server=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -s port ] && break
		sleep 0.3
	done
	port=$(cat port)
}

# The line that was printed for who has a store of its own: a variable, or a command that is run.
heed()
{
	: >"$work/variables"
	for pair in "venv:requests" "venv:certifi" "node:Node"; do
		line=$(sed -n "s/.*${pair#*:}[^:]*, whose store is [^=]*: \([A-Z_]*=[^ ]*\).*/\1/Ip" "$work/out" | head -n 1)
		[ -z "$line" ] || echo "${pair%%:*} $line" >>"$work/variables"
	done
	command=$(sed -n "s/.*: anchorage \(add --to '*nss[^ ]*\) FILE.*/\1/p" "$work/out" | head -n 1 | tr -d "'")
	[ -z "$command" ] || "$program" $command --yes "$work/corp.pem" >"$work/nss-out" 2>&1
}

inside()
{
	work=$1 program=$2 extra='' server=''
	cd "$work" || exit 99
	# The variables of this machine lead nowhere else: each client gets an environment of its own, and so does anchorage.
	for name in $(env | sed -n 's/^\([A-Z_]*\(CERT\|CA_BUNDLE\|CAINFO\|CA_CERTS\|ROOTS\)[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
	rm -rf /var/lib/anchorage # in the copy: what this machine did is not for this test to take back
	python=$(command -v python3)
	export HOME="$work/home" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	mkdir "$HOME"
	make_hosts
	ca corp '/O=Example Corp/CN=Example Corp Root CA'
	ca public '/O=Zebra/CN=Zebra Public Root'
	find_clients
	[ -z "$lacking" ] || echo "# not here, and not asked:$lacking"
	manifest >before
	serve corp
	all_say no "before the CA is added every client rejects the server"
	"$program" add --yes corp.pem >out 2>err
	status=$?
	verdict "the CA is added" "$([ $status = 0 ] || { echo "status $status"; cat out err; })"
	heed
	all_say yes "after it each accepts, with the variable or command that was printed"
	"$program" undo --yes >>out 2>&1 || cat out
	[ ! -f nss-out ] || "$program" undo --yes >>out 2>&1
	all_say no "after undo every client rejects it again"
	manifest >after
	verdict "after undo the tree is as it was: byte, mode, owner and link" "$(diff before after | head -n 20)"
	kill $server

	mkdir -p /usr/share/ca-certificates/mozilla
	cp public.pem /usr/share/ca-certificates/mozilla/Zebra_Public_Root.crt
	echo mozilla/Zebra_Public_Root.crt >>/etc/ca-certificates.conf
	[ ! -d $HOME/.pki/nssdb ] || certutil -A -d sql:$HOME/.pki/nssdb -n public -t C,, -i public.pem
	update-ca-certificates >/dev/null 2>&1
	"$program" refresh --yes system >/dev/null 2>&1
	manifest >before
	serve public
	clients=$(echo $clients | sed 's/venv//; s/node//')
	all_say yes "a root that came with the system is accepted by all that read it"
	"$program" distrust --yes 'Zebra Public Root' >out 2>&1 || cat out
	[ ! -d $HOME/.pki/nssdb ] || "$program" distrust --yes --to nss:$HOME/.pki/nssdb 'Zebra Public Root' >>out 2>&1 || cat out
	all_say no "once it is distrusted every client rejects the server"
	"$program" undo --yes >>out 2>&1 || cat out
	[ ! -d $HOME/.pki/nssdb ] || "$program" undo --yes >>out 2>&1
	all_say yes "after undo it is accepted again"
	manifest >after
	verdict "after that undo, too, the tree is as it was" "$(diff before after | head -n 20)"
	kill $server
	echo "1..$count"
	exit $bad
}

if [ "${1:-}" = inside ]; then
	inside "$2" "$3"
fi

program=${ANCHORAGE:-${builddir:-.}/anchorage}
program=$(CDPATH='' cd -- "$(dirname -- "$program")" && pwd)/$(basename -- "$program")
[ "$(id -u)" = 0 ] || skip_all "needs root, for a mount namespace"
for need in unshare chroot update-ca-certificates openssl; do
	command -v $need >/dev/null || skip_all "no $need here"
done
temp=$(mktemp -d) || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
mkdir "$temp/tree"
cp "$here/server.py" "$here/Ask.java" "$here/clients.sh" "$temp/"
cp "$program" "$temp/anchorage"
cp -R "$here/../../data" "$temp/data"
cat >"$temp/enter" <<'EOF'
set -e
mount -t tmpfs tmpfs "$1/tree"
mkdir "$1/tree/up" "$1/tree/work" "$1/tree/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/tree/up,workdir=$1/tree/work" "$1/tree/root"
mount --rbind /proc "$1/tree/root/proc"
mount --rbind /dev "$1/tree/root/dev"
mkdir "$1/tree/root/clients"
cp -R "$1/server.py" "$1/Ask.java" "$1/clients.sh" "$1/anchorage" "$1/data" "$1/tree/root/clients/"
EOF
unshare -m sh "$temp/enter" "$temp" 2>"$temp/why" || skip_all "no overlay over this tree: $(tail -n 1 "$temp/why")"
exec unshare -m sh -c ". $temp/enter && exec chroot $temp/tree/root sh /clients/clients.sh inside /clients /clients/anchorage" enter "$temp"
