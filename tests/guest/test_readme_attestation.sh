#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# What docs/attestation.md says works when it is typed, and refuses what is forged.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

need_program openssl jq tpm2_createak tpm2_quote xxd

# The section's commands: of the host, the device, the verifier, the device, the verifier.
awk '/^```$/ { inside = 0 } inside { print > ("block" n) } /^```sh$/ { inside = 1; n++ }' "$SRCDIR/docs/attestation.md"
for n in 1 2 3 4 5; do
	[ -s "block$n" ] || die "docs/attestation.md has no commands number $n"
done
[ ! -e block6 ] || die "docs/attestation.md has more commands"
mkdir host device verifier
mkdir -p /var/lib/vtpm-cuse

# run_block N DIRECTORY [SED-SCRIPT]
run_block() {
	sed "${3:-}" "block$1" >commands
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

# must_refuse N STATUS TEXT [SED-SCRIPT]: the verifier's block ends with this exit status, and says why.
must_refuse() {
	local status=0
	run_block "$1" verifier "${4:-}" || status=$?
	[ "$status" = "$2" ] || die "block $1: $status instead of $2: $(cat output)"
	assert_match "$(cat output)" "vtpm-verify: no: $3"
}

# answer [SED-SCRIPT]: all but the verifier's last word.
answer() {
	send device verifier ek.crt ak.pub
	must 3 verifier "${1:-}"
	send verifier device nonce cred.blob
	must 4 device "${1:-}"
	send device verifier opened quote.msg quote.sig
	[ ! -e device/quote.pcrs ] || send device verifier quote.pcrs
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
must_refuse 5 12 'the challenge was not opened'
send device verifier opened
cp -r verifier before
answer
send before verifier quote.msg quote.sig
must_refuse 5 14 'the quote has another nonce'
answer
rm -rf before

step "files of tpm2-tools"
(cd device && tpm2_quote -Q -c ak.ctx -l sha256:0,7 -q "$(cat nonce)" -m quote.msg -s quote.sig -o quote.pcrs -g sha256)
(cd device && tpm2_startauthsession -Q --policy-session -S session.ctx && tpm2_policysecret -Q -S session.ctx -c e &&
	tpm2_activatecredential -Q -c ak.ctx -C 0x81010001 -i cred.blob -o opened -P session:session.ctx &&
	tpm2_flushcontext session.ctx)
send device verifier opened quote.msg quote.sig quote.pcrs
must 5 verifier

step "nothing is left in the TPM"
assert_eq "$(tpm2_getcap handles-transient; tpm2_getcap handles-loaded-session)" ""

# A key outside of every TPM signs the quote that it likes; the challenge is for a key of the TPM's that anybody may use.
step "a quote that OpenSSL signed, with the challenge opened for a storage key"
cp -r device forger
openssl genrsa -out forger/key.pem 2048 2>/dev/null
openssl dgst -sha256 -sign forger/key.pem -out forger/raw.sig device/quote.msg
{ xxd -r -p <<<0014000b0100; cat forger/raw.sig; } >forger/quote.sig
(cd forger && tpm2_createprimary -Q -C e -G rsa -c storage.ctx && tpm2_readpublic -Q -c storage.ctx -o ak.pub)
send forger verifier ak.pub
must_refuse 3 11 'the attestation key is not sign'
send device verifier ak.pub
send forger verifier quote.sig
must_refuse 5 13 'the signature is not'
send device verifier quote.sig

step "an AK that signs anything"
(cd forger && tpm2_createprimary -Q -C e -G rsa2048:rsassa-sha256:null -c open.ctx \
	-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' && tpm2_readpublic -Q -c open.ctx -o ak.pub)
send forger verifier ak.pub
must_refuse 3 11 'the attestation key is not restricted'
send device verifier ak.pub

step "other registers"
printf '\001' | dd of=verifier/quote.pcrs bs=1 seek=140 conv=notrunc status=none
must_refuse 5 16 'the registers'
answer
sed -i 's/"7": "0/"7": "1/' block5
must_refuse 5 18 'register 7 of sha256 is not what the policy wants'
sed -i 's/"7": "1/"7": "0/' block5
must 5 verifier

step "a public area with more behind it"
{ cat device/ak.pub; echo; } >verifier/ak.pub
must_refuse 3 11 'the attestation key is no public area'
send device verifier ak.pub

step "a certificate of somebody else's CA, one that is no EK's"
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -subj /CN=x -out other.pem 2>/dev/null
openssl x509 -in other.pem -outform DER -out verifier/ek.crt
must_refuse 3 10 'the EK certificate: '
tpm2_nvread -Q 0x1c08000 -C o -o verifier/ek.crt
must_refuse 3 10 'the EK certificate is not for an endorsement key'
vtpm-ctl stop tpm0

step "the same with an EK of P-256"
rm -rf verifier/* device/* /var/lib/vtpm-cuse/attested
vtpm-setup manufacture --state /var/lib/vtpm-cuse/attested --ek ecc_nist_p256 --quiet
must 1 host
send host verifier root.pem chain.pem
ecc='s/-G rsa/-G ecc/; s/rsassa/ecdsa/; s/0x1c00002/0x1c0000a/; s/0x81010001/0x8101000a/; s/--ak ak.ctx/--ek-handle 0x8101000a &/'
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
must_refuse 3 10 'the EK certificate is not for an endorsement key'
vtpm-ctl stop tpm0

# With events for registers 12 and 13 from a file, as vtpm-hook hands them over.
step "a launch that was measured, and one that was not"
rm -rf verifier/* device/* /var/lib/vtpm-cuse/attested
event() { # REGISTER CONTENT TYPE TEXT
	printf '%02x%02x%08x%02x%08x' "$1" "$2" $((5 + ${#4})) "$3" ${#4} | xxd -r -p
	printf %s "$4"
}
{ event 12 86 4 default; event 13 80 1 sha256:aa; event 13 80 4 /bin/sh; } >events
sed 's/--create-certs/& --measure fd=3 3<events/' block1 >measured && mv measured block1
cp events host/
must 1 host
send host verifier root.pem chain.pem
must 2 device
# Registers 12 and 13 are the default, and their values are what the log leads to.
short='s/--select sha256:0,7 //; s/ --pcrs quote.pcrs//'
wanted='{"image-digest": ["sha256:aa"], "argument": ["/bin/sh"]}'
measured="$short; s|--policy|--log tpm0.cel &|; s|^echo .*|echo '$wanted' >policy|"
cp /run/vtpm-cuse/tpm0.cel verifier/
answer "$short"
must 5 verifier "$measured"
must_refuse 5 18 'the policy does not allow this image-digest: sha256:aa' "${measured/sha256:aa/sha256:bb}"
printf '\000' | dd of=verifier/tpm0.cel bs=1 seek=60 conv=notrunc status=none
must_refuse 5 16 '' "$measured"
cp /run/vtpm-cuse/tpm0.cel verifier/
tpm2_pcrextend 13:sha256=0000000000000000000000000000000000000000000000000000000000000001
answer "$short"
must_refuse 5 16 'the registers are not what was quoted' "$measured"
vtpm-ctl stop tpm0
