#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tpm2-pkcs11: ssh logs in at a real sshd by a key that is in the TPM. tpm2_ptool leaves objects loaded: not for the
# exclusive node.
set -euo pipefail
need tpm2_ptool sshd ssh ssh-keygen
[[ $NODE == *rm* ]] || exit 78
module=/usr/lib/$(uname -m)-linux-gnu/pkcs11/libtpm2_pkcs11.so
export TPM2_PKCS11_STORE=$PWD/store TPM2_PKCS11_TCTI=device:$NODE TPM2TOOLS_TCTI=device:$NODE

mkdir store
tpm2_ptool init
tpm2_ptool addtoken --pid=1 --label=token --sopin=officer --userpin=user
tpm2_ptool addkey --algorithm=ecc256 --label=token --userpin=user
ssh-keygen -D "$module" >authorized_keys
chmod 600 authorized_keys

ssh-keygen -q -t ed25519 -N '' -f host_key
mkdir -p /run/sshd
cat >sshd_config <<END
Port 2222
ListenAddress 127.0.0.1
HostKey $PWD/host_key
AuthorizedKeysFile $PWD/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile $PWD/sshd.pid
END
/usr/sbin/sshd -D -f sshd_config -E sshd.log &
sshd=$!
trap 'kill $sshd; wait' EXIT
until [ -s sshd.pid ]; do # it listens
	kill -0 $sshd
	sleep 0.1
done
printf '#!/bin/sh\necho user\n' >askpass
chmod 755 askpass
text=$(SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force ssh -p 2222 -F none -I "$module" \
	-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
	-o PreferredAuthentications=publickey -o IdentitiesOnly=no 127.0.0.1 echo in) || {
	cat sshd.log
	exit 1
}
[ "$text" = in ]
