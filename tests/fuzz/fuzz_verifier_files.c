/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that a verifier keeps: what was kept of a challenge is written and read again without a
 * change. */
#include <stdlib.h>
#include <string.h>

#include "verify/kept_challenge.h"
#include "verify/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kept_challenge kept, back;
	struct earlier earlier;
	char text[KEPT_MOST];

	(void)report_read((const char *)data, size, &earlier, NULL);
	memset(&kept, 0, sizeof(kept));
	memset(&back, 0, sizeof(back));
	if (kept_challenge_parse((const char *)data, size, &kept, NULL) < 0)
		return 0;
	kept_challenge_write(&kept, text);
	if (kept_challenge_parse(text, strlen(text), &back, NULL) < 0 ||
	    strcmp(kept.ek, back.ek) != 0 || strcmp(kept.ak, back.ak) != 0 ||
	    memcmp(kept.nonce, back.nonce, sizeof(kept.nonce)) != 0 ||
	    memcmp(kept.secret, back.secret, sizeof(kept.secret)) != 0 || kept.made != back.made)
		abort();
	return 0;
}
