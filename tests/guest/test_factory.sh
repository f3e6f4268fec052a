#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A new TPM is manufactured by the server itself, once.

. "$SRCDIR/tests/guest/lib.sh"

step "certificates and exactly the banks that were asked for"
start_vtpm tpm0 --create-certs --pcr-banks sha256,sha1 --lock-nvram --ca-dir "$TMPDIR/ca"
use_vtpm tpm0
tpm2_nvread -C o -o rsa.crt 0x1c00002
tpm2_nvread -C o -o ecc.crt 0x1c00016
vtpm-setup ca export --ca-dir "$TMPDIR/ca" >ca.pem
for certificate in rsa ecc; do
	openssl x509 -inform DER -in "$certificate.crt" -out "$certificate.pem"
	openssl verify -no_check_time -CAfile ca.pem -untrusted ca.pem "$certificate.pem"
done
assert_match "$(tpm2_getcap pcrs | tr -d '\n ')" 'sha1:\[0,.*sha256:\[0,.*sha384:\[\].*sha512:\[\]'
tpm2_getcap handles-persistent >persistent
grep -q 0x81010001 persistent
grep -q 0x81010016 persistent

step "nobody on the device is the platform"
if tpm2_nvdefine -C p -s 8 0x1400000 >/dev/null 2>&1; then die "the platform hierarchy has no password"; fi
vtpm-ctl stop tpm0

step "once: the next start keeps what is there"
start_vtpm tpm0 --create-certs --pcr-banks sha512 --ca-dir "$TMPDIR/ca"
tpm2_nvread -C o -o again.crt 0x1c00002
cmp rsa.crt again.crt
if tpm2_nvdefine -C p -s 8 0x1400000 >/dev/null 2>&1; then die "the platform hierarchy has no password"; fi
vtpm-ctl stop tpm0

step "an option that a TPM is too old for says so, and one that it meets says nothing"
grep -q 'made without these PCR banks' "$TMPDIR/tpm0.log" || die "nothing was said of the PCR banks"
: >"$TMPDIR/tpm0.log"
start_vtpm tpm0 --create-certs --pcr-banks sha1,sha256 --ca-dir "$TMPDIR/ca"
if grep 'made without' "$TMPDIR/tpm0.log"; then die "there was nothing to say"; fi
vtpm-ctl stop tpm0

step "a host key elsewhere, for both programs"
vtpm-setup manufacture --state hosted --host-key="$TMPDIR/keys/host.key" --ek none --certs none
start_vtpm hosted --host-key="$TMPDIR/keys/host.key"
stop_vtpm hosted
expect_fail --status 4 '.*hosted.*' vtpm-cuse --state hosted --name hosted

step "a mistake makes nothing"
expect_fail --status 2 ".*md5.*" vtpm-cuse --state tpm1 --name tpm1 --create-certs --pcr-banks md5
[ ! -e tpm1/tpm.permanent ] || die "a TPM was made"
expect_fail --status 2 '.*need --create-certs' vtpm-cuse --state tpm1 --name tpm1 --lock-nvram

step "TPM 1.2"
start_vtpm tpm12 --tpm-version 1.2 --create-certs --ca-dir "$TMPDIR/ca"
assert_eq "$("$BUILDDIR/tests/guest/tpm_client" random12 /dev/tpm12)" "rc 00000000"
stop_vtpm tpm12
start_vtpm tpm12 --tpm-version 1.2 --create-certs --ca-dir "$TMPDIR/ca"
if grep 'made without' "$TMPDIR/tpm12.log"; then die "it has certificates"; fi

step "a TPM in memory has them, too, also when it goes on elsewhere"
start_vtpm memory --state memory: --create-certs --ca-dir "$TMPDIR/ca"
use_vtpm memory
tpm2_nvread -C o -o memory.crt 0x1c00002
openssl x509 -inform DER -in memory.crt -out memory.pem
openssl verify -no_check_time -CAfile ca.pem -untrusted ca.pem memory.pem
vtpm-ctl save memory --out saved --stop
start_vtpm memory --state memory: --resume saved
tpm2_nvread -C o 0x1c00002 | cmp - memory.crt
stop_vtpm memory

step "by a key that is somewhere else, with its password from a descriptor"
printf secret >password
openssl pkey -in ca/issuing-key.pem -aes256 -passout file:password -out key.pem
start_with_key() {
	start_vtpm tpm2 --create-certs=ek --ek ecc_nist_p256 --ca-key "file:$TMPDIR/key.pem" --ca-cert "$TMPDIR/ca.pem" \
		--crl-url http://ca.example/crl --ca-password "$@"
}
start_with_key fd=3 3<password
if find "/proc/$(vtpm_pid tpm2)/fd" -printf '%l\n' | grep password; then die "the server can read the password again"; fi
use_vtpm tpm2
tpm2_nvread -C o -o p256.crt 0x1c0000a
openssl x509 -inform DER -in p256.crt -out p256.pem
openssl verify -no_check_time -CAfile ca.pem -untrusted ca.pem p256.pem
assert_match "$(openssl x509 -in p256.pem -noout -ext crlDistributionPoints)" 'URI:http://ca.example/crl'
stop_vtpm tpm2
start_with_key fd=3 3<password
if find "/proc/$(vtpm_pid tpm2)/fd" -printf '%l\n' | grep password; then die "the server can read a password it does not need"; fi
stop_vtpm tpm2
printf wrong >wrong
start_with_key "file=$TMPDIR/wrong"
tpm2_nvread -C o -o again.crt 0x1c0000a
cmp p256.crt again.crt
stop_vtpm tpm2
rm -r tpm2
expect_fail 'tpm2: .*key\.pem: .*password' vtpm-cuse --state tpm2 --name tpm2 --create-certs \
	--ca-key "file:$TMPDIR/key.pem" --ca-cert ca.pem --ca-password "file=$TMPDIR/wrong"
[ ! -e tpm2/tpm.permanent ] || die "a TPM was made"

step "a CA that lets us wait: a signal ends the server, the maker and the CA's command"
cat >slow-ca <<'EOT'
#!/bin/sh
trap '' TERM
echo $$ >slow-ca.pid
sleep 600
EOT
chmod +x slow-ca
make_slowly() { # [OPTION...]: $server, and the maker's and the command's process IDs
	rm -f slow-ca.pid
	vtpm-cuse --state tpm3 --name tpm3 --create-certs --ca-command "$TMPDIR/slow-ca" --ca-timeout 3600 "$@" 2>slow.log &
	server=$!
	wait_for 60 test -s slow-ca.pid
	command=$(cat slow-ca.pid)
	maker=$(awk '/^PPid:/ { print $2 }' "/proc/$command/status")
	assert_eq "$(awk '/^PPid:/ { print $2 }' "/proc/$maker/status")" "$server" "parent of the maker"
}
make_slowly
kill -TERM "$server"
status=0
wait "$server" || status=$?
assert_eq "$status" 1 "exit status"
assert_eq "$(cat slow.log)" "vtpm-cuse: tpm3: a signal has ended it before there was a TPM" "log"
wait_for 60 process_gone "$maker"
wait_for 60 process_gone "$command"
[ ! -e tpm3/tpm.permanent ] || die "there is a TPM"

step "SIGKILL of the server: nothing keeps the state's lock"
make_slowly
kill -KILL "$server"
wait "$server" || :
wait_for 60 process_gone "$maker"
wait_for 60 process_gone "$command"
start_vtpm tpm3
stop_vtpm tpm3
rm -r tpm3

step "the maker may write files of others, and has the server's secrets only where they are locked"
printf 'a password that nobody should see' >password3
make_slowly --password "file=$TMPDIR/password3"
# chown, dac_override, fowner, ipc_lock
assert_match "$(cat "/proc/$maker/status")" 'CapPrm:[[:space:]]*000000000000400b'
kill -TERM "$server"
wait "$server" || :
rm -rf tpm3

step "the process that removes what is left may do that, and knows nothing"
start_vtpm tpm3 --password "file=$TMPDIR/password3" --run-as 65534
guard=$(pgrep -P "$(vtpm_pid tpm3)" -x vtpm-leftovers)
assert_match "$(cat "/proc/$guard/status")" 'CapPrm:[[:space:]]*0000000000000002'
assert_match "$(cat "/proc/$guard/status")" 'CapBnd:[[:space:]]*0000000000000002'
assert_match "$(cat "/proc/$guard/status")" 'NoNewPrivs:[[:space:]]*1'
# Kilobytes that are no file's: with a TPM in them there are hundreds, as in the server.
own_memory() {
	awk '/^[0-9a-f]+-/ { own = $6 !~ /^\// }
		own && /^Anonymous:/ { sum += $2 }
		END { print sum + 0 }' "/proc/$1/smaps"
}
[ "$(own_memory "$(vtpm_pid tpm3)")" -gt 300 ] || die "where is the TPM of the server?"
[ "$(own_memory "$guard")" -lt 200 ] || die "it has a copy of the TPM"
stop_vtpm tpm3
[ ! -e /run/vtpm-cuse/tpm3.d/ctl ] || die "the socket is still there"
rm -r tpm3

step "what a finished TPM no longer needs is not looked at"
start_vtpm tpm4 --plain --create-certs=none
stop_vtpm tpm4
start_vtpm tpm4 --plain --create-certs --ca-command /nonexistent --ca-timeout 5
grep -q 'made without certificates' "$TMPDIR/tpm4.log" || die "that it has no certificates is not said"
stop_vtpm tpm4
start_vtpm tpm4 --plain --create-certs --ca-key file:/nonexistent --ca-cert /nonexistent --ca-password file=/nonexistent
stop_vtpm tpm4
rm -r tpm4
# Again and again: the process that would make the TPM must not begin when the server gives up.
for _ in {1..12}; do
	expect_error 1 "vtpm-cuse: tpm4: --ca-command: /nonexistent: there is no such file" \
		vtpm-cuse --state tpm4 --name tpm4 --plain --create-certs --ca-command /nonexistent
	[ ! -e tpm4 ] || die "a directory was made"
done
