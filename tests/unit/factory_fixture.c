/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "tests/unit/factory_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/file.h"

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (fixture == NULL)
		return -1;
	(void)strcpy(fixture->dir, "/tmp/vtpm-test.XXXXXX");
	if (mkdtemp(fixture->dir) == NULL)
		return -1;
	(void)snprintf(fixture->ca_dir, sizeof(fixture->ca_dir), "%s/ca", fixture->dir);
	fixture->storage = memory_storage(&fixture->memory);
	manufacture_defaults(&fixture->options);
	fixture->options.ca.dir = fixture->ca_dir;
	*state = fixture;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	tpm_stop(fixture->tpm);
	manufacture_result_done(&fixture->result);
	memory_storage_done(&fixture->memory);
	(void)nftw(fixture->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(fixture);
	return 0;
}

void fixture_start(struct fixture *fixture, enum tpm_version version)
{
	assert_int_equal(tpm_start(version, &fixture->storage, &fixture->tpm, NULL), 0);
	assert_int_equal(tpm_startup(fixture->tpm, NULL), 0);
	fixture->executor = tpm_executor_local(fixture->tpm);
}

void fixture_stop(struct fixture *fixture)
{
	assert_int_equal(tpm_shutdown(fixture->tpm, NULL), 0);
	tpm_stop(take_ptr(fixture->tpm));
}

void fixture_manufacture(struct fixture *fixture)
{
	int r = manufacture(&fixture->options, &fixture->storage, &fixture->result, &fixture->err);

	if (r < 0)
		fail_msg("%s", fixture->err.text);
	fixture_start(fixture, fixture->options.version);
}

uint32_t fixture_run(struct fixture *fixture, struct tpm_command *command,
		     struct tpm_answer *answer)
{
	answer->code = UINT32_MAX;
	(void)tpm_exchange(&fixture->executor, command, "test", answer, NULL);
	return answer->code;
}

void fixture_write(struct fixture *fixture, const char *name, const char *text, mode_t mode,
		   char path[static 128])
{
	cleanup_close int fd = -1;

	(void)snprintf(path, 128, "%s/%s", fixture->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
}
