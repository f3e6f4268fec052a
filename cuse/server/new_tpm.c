/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/new_tpm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "certs/factory/manufacture.h"
#include "certs/factory/settings.h"
#include "cuse/server/settings.h"
#include "tpm/state/state.h"
#include "util/error.h"
#include "util/file.h"
#include "util/log.h"

/* What the child has to say. */
struct report {
	int r;
	struct error err;
};

static void log_step(void *context, const char *step)
{
	const struct settings *settings = context;

	log_debug("%s: %s", settings->name, step);
}

static void log_result(const struct settings *settings, const struct manufacture_result *result)
{
	for (size_t i = 0; i < result->certificates_count; i++) {
		char fingerprint[65] = "";

		(void)x509_fingerprint(result->certificates[i].certificate, fingerprint, NULL);
		log_info("%s: new %s certificate in NV index 0x%08x, SHA-256 %s", settings->name,
			 certificate_kind_name(result->certificates[i].kind),
			 result->certificates[i].index, fingerprint);
	}
}

static int make(const struct settings *settings, const struct state_options *state_options,
		const struct manufacture_options *options, struct error *err)
{
	cleanup_with(manufacture_result_done) struct manufacture_result result = { 0 };
	cleanup_with(state_closep) struct state *state = NULL;
	struct tpm_storage storage;
	int r;

	r = state_open(state_options, &state, err);
	if (r < 0)
		return r;
	storage = state_storage(state);
	r = manufacture(options, &storage, &result, err);
	if (r == 0)
		log_result(settings, &result);
	return r;
}

static _Noreturn void be_the_factory(const struct settings *settings,
				     const struct state_options *state_options,
				     const struct manufacture_options *options, int fd)
{
	struct report report = { 0 };

	report.r = make(settings, state_options, options, &report.err);
	(void)write_all(fd, &report, sizeof(report));
	_exit(0);
}

/* Our child has what it needs when this returns; nothing else here keeps the password. */
static int start_factory(const struct settings *settings, const struct state_options *state_options,
			 int fd, pid_t *child, struct error *err)
{
	cleanup_with(secret_freep) struct secret *password = NULL;
	struct manufacture_options options;
	int r;

	r = manufacture_settings_read(&settings->factory, settings->tpm, &options, &password, err);
	if (r < 0)
		return r;
	options.progress = log_step;
	options.progress_context = (void *)(uintptr_t)settings;
	if (options.subject == NULL)
		options.subject = settings->name;
	*child = fork();
	if (*child == 0)
		be_the_factory(settings, state_options, &options, fd);
	return *child < 0 ? error_set(err, errno, "manufacture a TPM") : 0;
}

static int take_report(int fd, struct error *err)
{
	struct report report;
	ssize_t n = read_full(fd, &report, sizeof(report));

	if (n < 0)
		return error_set(err, (int)-n, "manufacture a TPM");
	if (n != sizeof(report))
		return error_say(err, EIO, "manufacturing a TPM has ended early");
	if (report.r < 0 && err != NULL)
		*err = report.err;
	return report.r;
}

int factory_run(const struct settings *settings, const struct state_options *options,
		struct error *err)
{
	pid_t child = -1;
	int ends[2], status, r;

	if (settings->factory.certs == NULL)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "manufacture a TPM");
	r = start_factory(settings, options, ends[1], &child, err);
	(void)close(ends[1]);
	if (r == 0)
		r = take_report(ends[0], err);
	(void)close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return r;
}
