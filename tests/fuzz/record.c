/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record FILE: a TPM behind standard input and output, as libtss2-tcti-cmd wants it. What its
 * clients send is added to FILE, an input of fuzz_spaces. Each program begins with what FILE has
 * already, so that many programs, one after the other, find one TPM:
 *
 *	export TPM2TOOLS_TCTI="cmd:tests/fuzz/record FILE"
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/common/pipe.h"
#include "tests/fuzz/clients.h"
#include "util/cleanup.h"
#include "util/file.h"

/* What FILE has is done again. */
static void replay(struct clients *clients, const char *name)
{
	cleanup_free char *data = NULL;
	const uint8_t *p, *response;
	struct step step;
	size_t left, len;

	if (read_file(AT_FDCWD, name, 16U << 20, &data, &left) < 0)
		return;
	p = (const uint8_t *)data;
	while (stream_next(&p, &left, &step))
		(void)clients_do(clients, &step, &response, &len);
}

/* Until its end: what the client sends goes to FILE as well. */
static int serve(struct clients *clients, FILE *file)
{
	static uint8_t bytes[1 + TPM_COMMAND_MAX];
	struct step step = { .who = STEP_COMES_AGAIN, .command = bytes + 1 };
	const uint8_t *response;
	size_t len;
	int r;

	while ((r = pipe_read_command(bytes + 1)) > 0) {
		step.len = (size_t)r;
		bytes[0] = step.who;
		(void)fwrite(bytes, 1, 1 + step.len, file);
		r = clients_do(clients, &step, &response, &len);
		if (r == 0)
			r = write_all(STDOUT_FILENO, response, len);
		if (r < 0)
			break;
		step.who = 0;
	}
	return r;
}

int main(int argc, char **argv)
{
	struct clients *clients = clients_begin();
	FILE *file;
	int r;

	if (argc != 2)
		return 2;
	replay(clients, argv[1]);
	file = fopen(argv[1], "ae");
	if (file == NULL) {
		perror(argv[1]);
		return 1;
	}
	r = serve(clients, file);
	return fclose(file) != 0 || r < 0;
}
