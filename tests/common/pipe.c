/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/common/pipe.h"

#include <errno.h>
#include <unistd.h>

#include "util/bytes.h"
#include "util/file.h"

int pipe_read_command(uint8_t command[static TPM_COMMAND_MAX])
{
	size_t len;
	uint32_t size;

	if (read_full(STDIN_FILENO, command, TPM_HEADER_SIZE) != TPM_HEADER_SIZE)
		return 0;
	size = get_be32(command + 2);
	if (size < TPM_HEADER_SIZE || size > TPM_COMMAND_MAX)
		return -EMSGSIZE;
	len = size - TPM_HEADER_SIZE;
	if (read_full(STDIN_FILENO, command + TPM_HEADER_SIZE, len) != (ssize_t)len)
		return -EIO;
	return (int)size;
}
