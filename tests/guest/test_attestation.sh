#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Attestation from end to end with the tools that people have: the EK's certificate out of NV, its chain to the
# CA, a credential that only this TPM can open, a quote over PCRs. And what a TPM 1.2 answers to raw commands.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

need_program openssl certtool tpm2_nvread tpm2_createak tpm2_checkquote xxd
ca=$TMPDIR/ca

# manufacture NAME OPTION...
manufacture() {
	local name=$1
	shift
	vtpm-setup manufacture --state "$TMPDIR/$name" --ca-dir "$ca" --vmid "$name" --quiet "$@"
}

# Transient objects stay in a TPM without a resource manager.
flush() { tpm2_flushcontext -t; }

verify_chain() { # DER-FILE
	openssl verify -x509_strict -CAfile "$TMPDIR/root.pem" -untrusted "$TMPDIR/chain.pem" \
		"$1" >/dev/null || die "openssl does not accept $1"
	{ openssl x509 -inform DER -in "$1"; cat "$TMPDIR/chain.pem"; } >"$1.chain"
	certtool --verify-chain --verify-profile medium --infile "$1.chain" >/dev/null || die "certtool does not accept $1"
}

public_key_of() { openssl x509 -inform DER -in "$1" -noout -pubkey; }

# check_ek CERTIFICATE-INDEX HANDLE: the certificate in NV is of the key at HANDLE, and of our CA.
check_ek() {
	step "the EK at $2"
	tpm2_nvread -Q "$1" -C "$1" -o ek.crt 2>/dev/null
	verify_chain ek.crt
	tpm2_readpublic -Q -c "$2" -f pem -o ek.pem
	assert_eq "$(public_key_of ek.crt)" "$(openssl pkey -pubin -in ek.pem)" "public key of $2"
	assert_match "$(openssl x509 -inform DER -in ek.crt -noout -text)" '2\.23\.133\.8\.1'
}

# make_again ALGORITHM [-t]: the tools make the same EK of what they know: the profile's template, or, with -t, the
# one in NV.
make_again() {
	tpm2_createek -Q ${2:+"$2"} -G "$1" -c again.ctx -u again.pem -f pem
	flush
	assert_eq "$(openssl pkey -pubin -in again.pem)" "$(public_key_of ek.crt)" "EK made again"
}

# make_ak EK-HANDLE KIND: an attestation key under the EK, as ak.ctx and ak.pub. An EK of the low range asks for its
# policy, one of the high range takes its (empty) password.
make_ak() {
	if [ "$2" = low ]; then
		tpm2_createak -Q -C "$1" -c ak.ctx -G rsa -g sha256 -s rsassa -u ak.pub
	else
		tpm2_create -Q -C "$1" -G ecc256:ecdsa-sha256:null -u ak.pub -r ak.priv \
			-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign'
		flush
		tpm2_load -Q -C "$1" -u ak.pub -r ak.priv -c ak.ctx
	fi
	flush
}

# check_ak: what the verifier takes of ak.pub, as a verifier without vtpm-verify has it: ak.pem and $ak_name.
check_ak() {
	tpm2_print -t TPM2B_PUBLIC ak.pub |
		grep -x '  value: fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign' >/dev/null ||
		die "this is no attestation key"
	tpm2_print -t TPM2B_PUBLIC -f pem ak.pub >ak.pem
	ak_name=000b$(tail -c +3 ak.pub | sha256sum | cut -c -64)
}

# activate EK-HANDLE KIND: opens cred.blob into opened.
activate() {
	if [ "$2" = low ]; then
		tpm2_startauthsession -Q --policy-session -S session.ctx
		tpm2_policysecret -Q -S session.ctx -c e
		tpm2_activatecredential -Q -c ak.ctx -C "$1" -i cred.blob -o opened -P session:session.ctx || {
			tpm2_flushcontext session.ctx
			return 1
		}
		tpm2_flushcontext session.ctx
	else
		tpm2_activatecredential -Q -c ak.ctx -C "$1" -i cred.blob -o opened || return 1
	fi
	flush
}

# ek_pub_of PEM: the public area of a P-384 EK: the profile's template H-3 with a certificate's key in it. The tool
# reads PEM keys for the low range's templates only, and what the device says of its EK is not to be believed.
ek_pub_of() {
	local point
	point=$(openssl pkey -pubin -in "$1" -outform DER | tail -c 96 | xxd -p -c 96)
	xxd -r -p <<-END
		00aa 0023 000c 000300f2
		0030 b26e7d28d11a50bc53d882bcf5fd3a1a074148bb35d3b4e4cb1c0ad9bde419cacb47ba09699646150f9fc000f3f80e12
		0006 0100 0043 0010 0004 0010 0030 ${point:0:96} 0030 ${point:96}
	END
}

# make_credential KIND: a secret for who has the EK of the certificate and the AK of ak.pub.
make_credential() {
	local key=ek-of-certificate.pem
	openssl rand 32 >secret
	public_key_of ek.crt >ek-of-certificate.pem
	if [ "$1" = high ]; then
		ek_pub_of ek-of-certificate.pem >ek.pub
		key=ek.pub
	fi
	tpm2_makecredential -Q -T none ${2:+-G "$2"} -u "$key" -s secret -n "$ak_name" -o cred.blob
}

# attest EK-HANDLE KIND BANK DIGITS [ALGORITHM]: the verifier knows only ek.crt, ak.pub and the quote.
attest() {
	step "a credential for $1"
	make_ak "$1" "$2"
	check_ak
	make_credential "$2" "${5:-}"
	activate "$1" "$2" || die "the credential was not opened"
	cmp secret opened || die "another secret came out of the credential"

	step "a quote of $3 with a key under $1"
	tpm2_pcrextend "16:$3=$(printf '%0*d' "$4" 7)"
	nonce=$(openssl rand -hex 16)
	tpm2_quote -Q -c ak.ctx -l "$3:0,16" -q "$nonce" -m quote.msg -s quote.sig -o quote.pcrs -g sha256
	flush
	tpm2_checkquote -Q -u ak.pem -m quote.msg -s quote.sig -f quote.pcrs -q "$nonce" -g sha256
	if tpm2_checkquote -Q -u ak.pem -m quote.msg -s quote.sig -f quote.pcrs -q 00 -g sha256 2>/dev/null; then
		die "a quote was accepted with another nonce"
	fi
}

step "two TPMs of one CA"
manufacture tpm0 --ek rsa2048,ecc_nist_p256,ecc_nist_p384 --pcr-banks sha256,sha384 --lock-nvram \
	--create-spk --create-iak-idevid
manufacture tpm1
vtpm-setup ca export --ca-dir "$ca" --output "$TMPDIR/chain.pem"
vtpm-setup ca export --ca-dir "$ca" --root --output "$TMPDIR/root.pem"
expect_fail --status 6 'there is a TPM already.*' manufacture tpm0
start_vtpm tpm0
use_vtpm tpm0

step "the tools find the certificates by themselves"
tpm2_getekcertificate -o rsa.crt -o ecc.crt
verify_chain rsa.crt
verify_chain ecc.crt

check_ek 0x01c00002 0x81010001
make_again rsa
attest 0x81010001 low sha256 64 rsa
cp cred.blob cred-of-tpm0.blob
check_ek 0x01c0000a 0x8101000a
make_again ecc
check_ek 0x01c00016 0x81010016
attest 0x81010016 high sha384 96

step "PCR banks are as asked"
assert_eq "$(tpm2_getcap pcrs | grep -c '\[ 0, 1,')" 2 "active banks"
assert_match "$(tpm2_getcap pcrs)" 'sha1: \[ \]'

step "platform, IAK and IDevID certificates"
for index in 0x01c08000 0x01c90100 0x01c90200; do
	tpm2_nvread -Q "$index" -C "$index" -o other.crt 2>/dev/null
	verify_chain other.crt
done
public_key_of other.crt >idevid.pem
tpm2_readpublic -Q -c 0x81020000 -f pem -o key.pem
assert_eq "$(openssl pkey -pubin -in key.pem)" "$(cat idevid.pem)" "IDevID"

step "locked NV stays as it is"
# Without the platform nobody can, with it the lock holds.
if tpm2_nvwrite -Q 0x01c00002 -C p -i secret 2>/dev/null; then die "a locked certificate was written"; fi
tpm2_nvread -Q 0x01c00002 -C 0x01c00002 -o ek.crt 2>/dev/null
verify_chain ek.crt

step "another TPM cannot open the credential"
stop_vtpm tpm0
start_vtpm tpm1
use_vtpm tpm1
check_ek 0x01c00002 0x81010001
make_ak 0x81010001 low
cp cred-of-tpm0.blob cred.blob
if activate 0x81010001 low 2>/dev/null; then die "a credential for another TPM was opened"; fi
tpm2_flushcontext -t
stop_vtpm tpm1

step "an EK that signs is made again from the template in NV"
manufacture tpm2 --ek rsa2048,ecc_nist_p256 --allow-signing
start_vtpm tpm2
use_vtpm tpm2
check_ek 0x01c00002 0x81010001
make_again rsa -t
check_ek 0x01c0000a 0x8101000a
make_again ecc -t
stop_vtpm tpm2

step "a server manufactures its TPM when it is new, and keeps it"
start_vtpm tpm4 --create-certs --pcr-banks sha256 --lock-nvram --ca-dir "$ca"
use_vtpm tpm4
check_ek 0x01c00002 0x81010001
assert_match "$(openssl x509 -inform DER -in ek.crt -noout -subject)" 'CN = tpm4$'
cp ek.crt first.crt
stop_vtpm tpm4
start_vtpm tpm4 --create-certs --ca-dir "$ca"
tpm2_nvread -Q 0x01c00002 -C 0x01c00002 -o ek.crt 2>/dev/null
cmp first.crt ek.crt || die "another certificate after a restart"

step "the platform hierarchy is nobody's"
if tpm2_changeauth -Q -c p x 2>/dev/null; then die "the platform's password was changed"; fi
stop_vtpm tpm4
start_vtpm tpm4 --keep-platform
tpm2_changeauth -Q -c p x
stop_vtpm tpm4
expect_fail --status 2 'need --create-certs' vtpm-cuse --state "$TMPDIR/tpm5" --name tpm5 --lock-nvram

# tpm12 HEX: a raw command, and the answer in hex.
tpm12() {
	local answer
	assert_chardev /dev/tpm3
	exec 3<>/dev/tpm3
	xxd -r -p <<<"$1" >&3
	answer=$(dd bs=4096 count=1 status=none <&3 | xxd -p -c 5000)
	exec 3>&-
	printf '%s\n' "$answer"
}

step "a TPM 1.2"
manufacture tpm3 --tpm-version 1.2 --lock-nvram
start_vtpm tpm3 --tpm-version 1.2
assert_match "$(tpm12 "00c10000001e0000007c$(printf '%040d' 0)")" '^00c40000013a00000000' # TPM_ReadPubek
assert_match "$(tpm12 00c10000000e0000001500000000)" '^00c40000001e00000000' # TPM_PcrRead
stop_vtpm tpm3
