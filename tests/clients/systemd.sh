#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# systemd: a credential, and a LUKS volume that the TPM unlocks. systemd-cryptenroll opens the device a second time
# before it has closed it: not for the exclusive node.
set -euo pipefail
need systemd-creds systemd-cryptenroll cryptsetup losetup
export DM_DISABLE_UDEV=1 # nobody answers in a guest
cryptsetup=/lib/systemd/systemd-cryptsetup

echo secret >text
systemd-creds encrypt --with-key=tpm2 --tpm2-device="$NODE" --name=text text text.cred
[ "$(systemd-creds decrypt --tpm2-device="$NODE" --name=text text.cred -)" = secret ]

[[ $NODE == *rm* ]] || exit 0
modprobe -a loop dm_crypt || exit 77
truncate -s 24M image
printf password >password
cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 image password
PASSWORD=password systemd-cryptenroll --tpm2-device="$NODE" --tpm2-pcrs=7 image
loop=$(losetup --find --show image)
trap 'losetup -d "$loop"' EXIT
$cryptsetup attach "vtpm$$" "$loop" - "tpm2-device=$NODE,headless"
[ -b "/dev/mapper/vtpm$$" ]
$cryptsetup detach "vtpm$$"
