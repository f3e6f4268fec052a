/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/factory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "certs/manufacture_settings.h"
#include "cuse/settings.h"
#include "tpm/state.h"
#include "util/error.h"
#include "util/file.h"
#include "util/log.h"

/* What the child has to say. */
struct report {
	int r;
	struct error err;
};

static int make(const struct settings *settings, const struct state_options *state_options,
		struct error *err)
{
	cleanup_with(manufacture_result_done) struct manufacture_result result = { 0 };
	cleanup_with(state_closep) struct state *state = NULL;
	cleanup_with(secret_freep) struct secret *password = NULL;
	struct manufacture_options options;
	struct tpm_storage storage;
	int r;

	r = manufacture_settings_read(&settings->factory, settings->tpm, &options, &password, err);
	if (r == 0)
		r = state_open(state_options, &state, err);
	if (r < 0)
		return r;
	storage = state_storage(state);
	r = manufacture(&options, &storage, &result, err);
	if (r == 0 && !result.kept)
		log_info("%s: manufactured a TPM %s with %zu certificates", settings->name,
			 tpm_version_name(settings->tpm), result.certificates_count);
	return r;
}

static _Noreturn void be_the_factory(const struct settings *settings,
				     const struct state_options *options, int fd)
{
	struct report report = { 0 };

	report.r = make(settings, options, &report.err);
	(void)write_all(fd, &report, sizeof(report));
	_exit(0);
}

int factory_run(const struct settings *settings, const struct state_options *options,
		struct error *err)
{
	struct report report;
	int ends[2], status;
	ssize_t n;
	pid_t child;

	if (!settings->manufacture)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "manufacture a TPM");
	child = fork();
	if (child == 0)
		be_the_factory(settings, options, ends[1]);
	(void)close(ends[1]);
	n = child < 0 ? -errno : read_full(ends[0], &report, sizeof(report));
	(void)close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;

	if (n < 0)
		return error_set(err, (int)-n, "manufacture a TPM");
	if (n != sizeof(report))
		return error_say(err, EIO, "manufacturing a TPM has ended early");
	if (report.r < 0 && err != NULL)
		*err = report.err;
	return report.r;
}
