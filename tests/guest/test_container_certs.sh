#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# A container's TPM is manufactured once: certificates, banks, a password; it is the same one ever after.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

need_program tpm2_getcap tpm2_nvread openssl

# The container uses this machine's tpm2-tools.
libs=$(dirname "$(realpath "$(ldd "$(command -v tpm2_getcap)" | awk '/ld-linux/ { print $1 }')")")
machine='.mounts += [{"type": "bind", "source": "/usr", "destination": "/usr", "options": ["rbind", "ro"]}]'

entry() {
	full "$TMPDIR/certs" 0 "\"createCerts\": true, \"pcrBanks\": \"sha256,sha1\", \"caDir\": \"$TMPDIR/ca\",
		\"statePathIsManaged\": true, \"encryptionPassword\": \"$1\""
}

tool() {
	inside one /bin/env -i TPM2TOOLS_TCTI=device:/dev/tpm0 "LD_LIBRARY_PATH=$libs" "$libs"/ld-linux-*.so.2 \
		"/usr/bin/$1" "${@:2}"
}

use_runtime runc
step "a TPM with certificates and two banks"
make_bundle one "[$(entry pass=12345)]" "$machine"
start one
banks=$(tool tpm2_getcap pcrs)
assert_match "$banks" 'sha1: *\[ 0'
assert_match "$banks" 'sha256: *\[ 0'
assert_match "$banks" 'sha512: *\[ *\]'
tool tpm2_nvread 0x1c00002 >"$TMPDIR/ek.der"
first=$(openssl x509 -inform der -in "$TMPDIR/ek.der" -noout -fingerprint)
assert_match "$first" Fingerprint
delete one

step "the same one with the right password, none with a wrong one"
make_bundle one "[$(entry wrong)]" "$machine"
refused one "/dev/tpm0: .*(password|key)"
make_bundle one "[$(entry 12345)]" "$machine"
start one
tool tpm2_nvread 0x1c00002 >"$TMPDIR/ek.der"
assert_eq "$(openssl x509 -inform der -in "$TMPDIR/ek.der" -noout -fingerprint)" "$first" "certificate"
delete one
nothing_left

step "banks without certificates"
make_bundle one "[$(full "$TMPDIR/banks" 0 '"pcrBanks": "sha384"')]" "$machine"
start one
banks=$(tool tpm2_getcap pcrs)
assert_match "$banks" 'sha384: *\[ 0'
assert_match "$banks" 'sha256: *\[ *\]'
delete one
nothing_left
