#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# What README.md says about attestation works when it is typed, and refuses what is forged.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

need_program openssl jq tpm2_createak tpm2_checkquote xxd

# The section's commands: of the host, the device, the verifier, the device, the verifier.
sed -n '/^## Attestation/,/^## Version/p' "$SRCDIR/README.md" |
	awk '/^```$/ { inside = 0 } inside { print > ("block" n) } /^```sh$/ { inside = 1; n++ }'
for n in 1 2 3 4 5; do
	[ -s "block$n" ] || die "README.md has no commands number $n"
done
[ ! -e block6 ] || die "README.md has more commands"
mkdir host device verifier
mkdir -p /var/lib/vtpm-cuse

# run_block N DIRECTORY [SED-SCRIPT]
run_block() {
	{ echo "trap 'echo \"refused by: \$BASH_COMMAND\"' ERR"; sed "${3:-}" "block$1"; } >commands
	(cd "$2" && bash -euo pipefail ../commands </dev/null) >output 2>&1
}

must() { run_block "$@" || die "block $1 failed: $(cat output)"; }

# send FROM TO FILE...
send() {
	local from=$1 to=$2
	shift 2
	for file in "$@"; do
		cp "$from/$file" "$to/"
	done
}

# must_refuse N COMMAND: the verifier's block ends with a failure of COMMAND.
must_refuse() {
	if run_block "$1" verifier; then die "what is forged was accepted"; fi
	assert_match "$(cat output)" "refused by: $2"
}

# answer [SED-SCRIPT]: all but the verifier's last word.
answer() {
	send device verifier ek.crt ak.pub
	must 3 verifier "${1:-}"
	send verifier device nonce cred.blob
	must 4 device "${1:-}"
	send device verifier opened quote.msg quote.sig quote.pcrs
}

export TPM2TOOLS_TCTI=device:/dev/tpmrm0

step "the commands, as they are"
must 1 host
send host verifier root.pem chain.pem
must 2 device
answer
must 5 verifier

step "another secret, another nonce"
openssl rand 32 >verifier/opened
must_refuse 5 "cmp secret"
send device verifier opened
openssl rand -hex 16 >verifier/nonce
must_refuse 5 tpm2_checkquote
send device verifier nonce

# A key outside of every TPM signs the quote that it likes; the challenge is for a key of the TPM's that anybody may use.
step "a quote that OpenSSL signed, with the challenge opened for a storage key"
cp -r device forger
openssl genrsa -out forger/key.pem 2048 2>/dev/null
openssl rsa -in forger/key.pem -pubout -out forger/ak.pem 2>/dev/null
openssl dgst -sha256 -sign forger/key.pem -out forger/raw.sig device/quote.msg
{ xxd -r -p <<<0014000b0100; cat forger/raw.sig; } >forger/quote.sig
(cd forger && tpm2_createprimary -Q -C e -G rsa -c storage.ctx && tpm2_readpublic -Q -c storage.ctx -o ak.pub)
tpm2_checkquote -Q -u forger/ak.pem -m device/quote.msg -s forger/quote.sig -f device/quote.pcrs \
	-q "$(cat device/nonce)" -g sha256 || die "this is no good forgery"
send forger verifier ak.pub
must_refuse 3 'grep -x'
answer
send forger verifier quote.sig
must_refuse 5 tpm2_checkquote

step "an AK that signs anything"
(cd forger && tpm2_createprimary -Q -C e -G rsa2048:rsassa-sha256:null -c open.ctx \
	-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' && tpm2_readpublic -Q -c open.ctx -o ak.pub)
send forger verifier ak.pub
must_refuse 3 'grep -x'

step "what such a key says is a quote, and a quote of other PCRs"
{ printf '\377XYZ'; tail -c +5 device/quote.msg; } >verifier/quote.msg
must_refuse 5 'test .*ff5443478018'
tpm2_quote -Q -c device/ak.ctx -l sha256:0,8 -q "$(cat device/nonce)" -m verifier/quote.msg -s verifier/quote.sig \
	-o verifier/quote.pcrs -g sha256
must_refuse 5 'test .*038100000020'

step "a public area with more behind it has another name"
{ cat device/ak.pub; echo; } >verifier/ak.pub
must 3 verifier
send verifier device nonce cred.blob
if run_block 4 device; then die "the challenge was opened for another name"; fi
tpm2_flushcontext -s
send device verifier ak.pub

step "a certificate of somebody else's CA, one that is no EK's"
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -subj /CN=x -out other.pem 2>/dev/null
openssl x509 -in other.pem -outform DER -out verifier/ek.crt
must_refuse 3 "openssl verify"
tpm2_nvread -Q 0x1c08000 -C o -o verifier/ek.crt
must_refuse 3 'grep -w'
vtpm-ctl stop tpm0

step "the same with an EK of P-256"
rm -rf verifier/* device/* /var/lib/vtpm-cuse/attested
vtpm-setup manufacture --state /var/lib/vtpm-cuse/attested --ek ecc_nist_p256 --quiet
must 1 host
send host verifier root.pem chain.pem
ecc='s/-G rsa/-G ecc/; s/rsassa/ecdsa/; s/0x1c00002/0x1c0000a/; s/0x81010001/0x8101000a/'
must 2 device "$ecc"
answer "$ecc"
must 5 verifier
vtpm-ctl stop tpm0

step "the same with the CA of vtpm-ca-command(7)"
rm -rf verifier/* device/* /var/lib/vtpm-cuse/attested
mkdir -p /etc/ca
openssl req -x509 -newkey rsa:2048 -nodes -keyout /etc/ca/key.pem -subj /CN=mine -out /etc/ca/cert.pem 2>/dev/null
sed -n '/^#!/,/^\.Ed/p' "$SRCDIR/man/vtpm-ca-command.7" | sed '/^\.Ed/d; s/\\e/\\/g' >ca-command
chmod +x ca-command
vtpm-setup manufacture --state /var/lib/vtpm-cuse/attested --ca-command "$PWD/ca-command" --tpm-model 'a,b@c$d' --quiet
must 1 host
cp /etc/ca/cert.pem verifier/root.pem
cp /etc/ca/cert.pem verifier/chain.pem
must 2 device
answer
must 5 verifier
assert_match "$(openssl x509 -in verifier/ek.crt -noout -ext subjectAltName)" '2\.23\.133\.2\.2 ?= ?abcd'
tpm2_nvread -Q 0x1c08000 -C o -o verifier/ek.crt
must_refuse 3 'grep -w'
vtpm-ctl stop tpm0
