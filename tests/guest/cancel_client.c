/* SPDX-License-Identifier: BSD-3-Clause */
/* cancel_client DEVICE: makes RSA keys while vtpm-ctl cancels, until one is answered
 * TPM_RC_CANCELED. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/common/commands.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

static void exchange(int fd, const struct tpm_command *command, uint8_t *response)
{
	if (write(fd, command->bytes, command->len) != (ssize_t)command->len ||
	    read(fd, response, TPM_COMMAND_MAX) < TPM_HEADER_SIZE)
		exit(3);
}

int main(int argc, char **argv)
{
	uint8_t response[TPM_COMMAND_MAX];
	struct tpm_command command;
	uint32_t code = 0;
	pid_t canceler;
	int fd;

	fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return 2;
	canceler = fork();
	if (canceler == 0) {
		(void)execlp("sh", "sh", "-c", "while :; do vtpm-ctl cancel tpm0 2>&-; done", NULL);
		_exit(127);
	}
	for (int i = 0; i < 100 && code != TPM2_RC_CANCELED; i++) {
		command_create_primary_rsa(&command, TPM2_RH_NULL);
		exchange(fd, &command, response);
		code = get_be32(response + 6);
		if (code != 0)
			continue;
		/* It was quicker than the cancel; its key must not fill the TPM. */
		command_with_handle(&command, TPM2_CC_FlushContext, get_be32(response + 10));
		exchange(fd, &command, response);
	}
	(void)kill(canceler, SIGTERM);
	(void)waitpid(canceler, NULL, 0);
	(void)printf("the last key: %x\n", code);
	return code != TPM2_RC_CANCELED;
}
