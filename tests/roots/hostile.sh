# SPDX-License-Identifier: LGPL-2.1-or-later
# Names and things that a trust store has no business holding.
set -e
mkdir names things things/directory.pem
esc=$(printf '\033')
cp alder.pem "names/two
lines.pem"
cp alder.pem "names/${esc}[31mred.pem"
cp alder.pem "names/$(printf '\342\200\256')mep.exe"  # U+202E: what follows is shown from right to left
cp alder.pem "names/$(printf '\377').pem"              # no UTF-8
cp alder.pem names/-n.pem
cp alder.pem "names/back\\slash.pem"
cp alder.pem things/alder.pem
mkfifo things/fifo.pem
ln -s loop-b.pem things/loop-a.pem
ln -s loop-a.pem things/loop-b.pem
ln -s /etc/outside.txt things/absolute.pem
ln -s ../../../../../../../../../../../../../etc/outside.txt things/upwards.pem
ln -s /proc/self/environ things/process.pem
: >things/empty.pem
