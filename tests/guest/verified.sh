# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Sourced: a verifier with a container's TPM. The answers of "verdict" are vtpm-verify's.

# trust CA-DIR: what the verifier believes.
trust() {
	vtpm-setup ca export --ca-dir "$1" --root --output "$TMPDIR/root.pem"
	vtpm-setup ca export --ca-dir "$1" --output "$TMPDIR/chain.pem"
}

# attested DEVICE: what its user sends a verifier, in $TMPDIR/attested; once for each TPM.
attested() {
	local dir=$TMPDIR/attested TPM2TOOLS_TCTI=device:$1
	export TPM2TOOLS_TCTI
	mkdir -p "$dir"
	tpm2_nvread -Q 0x1c00002 -C 0x1c00002 -o "$dir/ek.crt"
	tpm2_createak -Q -C 0x81010001 -c "$dir/ak.ctx" -G ecc -g sha256 -s ecdsa -u "$dir/ak.pub"
	tpm2_flushcontext -t
	verifier challenge --credential "$dir/cred" --kept "$dir/kept" >"$dir/nonce"
	vtpm-verify answer --device "$1" --ak "$dir/ak.ctx" --credential "$dir/cred" --opened "$dir/opened" \
		--nonce "$(cat "$dir/nonce")" --quote "$dir/quote" --signature "$dir/signature"
}

# verifier COMMAND OPTION...
verifier() {
	local command=$1
	shift
	vtpm-verify "$command" --roots "$TMPDIR/root.pem" --intermediates "$TMPDIR/chain.pem" \
		--ek "$TMPDIR/attested/ek.crt" --ak "$TMPDIR/attested/ak.pub" "$@"
}

# verdict LOG [POLICY] [OPTION...]: of what was attested last.
verdict() {
	local dir=$TMPDIR/attested log=$1
	printf '%s\n' "${2:-"{}"}" >"$dir/policy"
	shift $(($# > 2 ? 2 : $#))
	verifier quote --kept "$dir/kept" --opened "$dir/opened" --quote "$dir/quote" \
		--signature "$dir/signature" --log "$log" --policy "$dir/policy" "$@"
}
