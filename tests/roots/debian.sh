# SPDX-License-Identifier: LGPL-2.1-or-later
# The links of /etc/ssl/certs, as update-ca-certificates leaves them, and what goes wrong with them.
set -e
cd etc/ssl/certs
ln -s /usr/share/ca-certificates/mozilla/Alder_Root_CA.crt Alder_Root_CA.pem
ln -s /usr/share/ca-certificates/mozilla/Birch_Root_CA.crt Birch_Root_CA.pem
ln -s /usr/share/ca-certificates/mozilla/Cedar_Root_CA.crt Cedar_Root_CA.pem
ln -s /usr/local/share/ca-certificates/dogwood.crt dogwood.pem
ln -s Alder_Root_CA.pem 93d6da6d.0
ln -s Birch_Root_CA.pem 68544667.1      # there is no .0: OpenSSL stops before it
ln -s Cedar_Root_CA.pem 0123abcd.0      # another name's hash
ln -s Elm_Old_Root.pem 4567cdef.0       # dangles: the root was removed, and nobody rehashed
ln -s dogwood.pem f29ef2bf.0
