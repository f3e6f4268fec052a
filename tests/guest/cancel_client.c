/* SPDX-License-Identifier: BSD-3-Clause */
/* cancel_client DEVICE: makes RSA keys while vtpm-ctl cancels, until one is answered
 * TPM_RC_CANCELED. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/common/commands.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

int main(int argc, char **argv)
{
	uint8_t response[TPM_COMMAND_MAX];
	struct tpm_command rsa;
	int fd;

	fd = argc == 2 ? open(argv[1], O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd < 0)
		return 2;
	command_create_primary_rsa(&rsa, TPM2_RH_NULL);
	for (int i = 0; i < 10; i++) {
		if (write(fd, rsa.bytes, rsa.len) != (ssize_t)rsa.len)
			return 3;
		(void)!system("vtpm-ctl cancel tpm0 2>/dev/null");
		if (read(fd, response, sizeof(response)) < TPM_HEADER_SIZE)
			return 4;
		if (get_be32(response + 6) == TPM2_RC_CANCELED)
			return 0;
		/* It was quicker than the cancel; its key must not fill the TPM. */
		command_with_handle(&rsa, TPM2_CC_FlushContext, get_be32(response + 10));
		if (write(fd, rsa.bytes, rsa.len) < 0 || read(fd, response, 4096) < 0)
			return 5;
		command_create_primary_rsa(&rsa, TPM2_RH_NULL);
	}
	(void)puts("no command was canceled");
	return 1;
}
