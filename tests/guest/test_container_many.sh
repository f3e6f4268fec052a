#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Three hundred vTPMs at once, of three containers, under one major number.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

each=100
containers="one two three"
echo '{"maxVTPMs": 400}' >"$TMPDIR/vtpm-cuse.conf"
use_runtime runc

# entries CONTAINER: a JSON array of $each vTPMs without their twins.
entries() {
	local n separator='['
	for ((n = 0; n < each; n++)); do
		printf '%s%s' "$separator" "$(full "$TMPDIR/states/$1-$n" "$n" '"resourceManager": false')"
		separator=,
	done
	printf ']'
}

mkdir states
for name in $containers; do
	step "$name: $each vTPMs"
	make_bundle "$name" "$(entries "$name")"
	start "$name"
done

step "each answers inside, and has a number of its own"
for name in $containers; do
	# shellcheck disable=SC2016 # the inner shell's
	answers=$(inside "$name" /bin/sh -c 'for node in /dev/tpm*; do tpm_client random "$node"; done')
	assert_eq "$(grep -c '^rc 00000000$' <<<"$answers")" "$each" "answers in $name"
done
assert_eq "$(stat -c %t:%T /dev/tpm-* | sort -u | wc -l)" 300 "numbers"
assert_eq "$(stat -c %t /dev/tpm-* | sort -u | wc -l)" 1 "majors"

step "nothing is left"
# shellcheck disable=SC2086 # names
delete $containers
nothing_left
