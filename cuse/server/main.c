/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-cuse: serves one vTPM. In order: read the command line; go to the background, before there
 * is a lock or a thread; lock and read the state, start the TPM, make the device, all as root; give
 * up the privileges that serving does not need; report that the device is usable; serve.
 */
#include <errno.h>
#include <sys/stat.h>

#include "cuse/server/confine.h"
#include "cuse/server/daemon.h"
#include "cuse/guard/pid_file.h"
#include "cuse/user/privileges.h"
#include "cuse/server/settings.h"
#include "cuse/server/life.h"
#include "cuse/server/vtpm.h"
#include "util/error.h"
#include "util/log.h"
#include "util/notify.h"
#include "util/program.h"
#include "util/programs.h"

/* Once the server is usable, a log file replaces its standard error. */
static int prepare_to_leave(const struct settings *settings, int ready_fd, int *null_fd,
			    struct error *err)
{
	if (ready_fd < 0 || (!settings->daemon && settings->log_file == NULL))
		return 0;
	return daemon_prepare(null_fd, err);
}

static int serve(const struct settings *settings, int ready_fd, struct error *err)
{
	cleanup_with(vtpm_closep) struct vtpm *vtpm = NULL;
	cleanup_with(pid_file_done) struct pid_file pid_file = { .dir_fd = -1, .other_fd = -1 };
	cleanup_close int manager = -1;
	cleanup_close int null_fd = -1;
	int r, told = notify_open(&manager);

	r = confine_check(settings, err);
	if (r == 0)
		r = pid_file_prepare(&pid_file, settings->pid_file, err);
	if (r == 0)
		r = vtpm_open(settings, &vtpm, err);
	if (r == 0)
		r = pid_file_write(&pid_file, vtpm->leftovers, err);
	pid_file_done(&pid_file); /* a reader of a FIFO waits for this end */
	if (r == 0)
		r = leftovers_end_with(vtpm->leftovers, settings->name, err);
	if (r == 0)
		r = prepare_to_leave(settings, ready_fd, &null_fd, err);
	if (r == 0)
		r = confine(vtpm, err);
	if (r < 0)
		return r;

	log_info("%s: serving a TPM %s from %s", settings->name, tpm_version_name(settings->tpm),
		 settings->state);
	if (null_fd >= 0)
		daemon_leave(null_fd);
	log_use_system();
	if (ready_fd >= 0)
		daemon_ready(ready_fd);
	if (told < 0 || notify_send(manager, "READY=1") < 0)
		log_warn("%s: cannot tell the service manager that we are ready", settings->name);
	r = vtpm_serve(vtpm, err);
	(void)notify_send(manager, "STOPPING=1");
	return r;
}

static int run(const struct settings *settings, struct error *err)
{
	int ready_fd = settings_fd(settings->ready_fd);
	int r = 0;

	(void)umask(077);
	if (settings->daemon)
		r = daemon_start(&ready_fd, err);
	if (settings->daemon && settings->log_file == NULL) /* a daemon has no standard error */
		(void)log_open_system(LOG_SYSTEM);
	if (r == 0)
		r = privileges_protect_memory(err);
	return r < 0 ? r : serve(settings, ready_fd, err);
}

/* Also writes to standard error while the caller still waits for the start. */
static void report(const struct settings *settings, bool log_is_file, const struct error *err)
{
	log_err("%s: %s", settings->name, err->text);
	if (log_is_file)
		(void)fprintf(stderr, "vtpm-cuse: %s: %s\n", settings->name, err->text);
}

static int open_log_and_run(const struct settings *settings)
{
	bool log_is_file = false;
	struct error err = { "" };
	int r = 0;

	if (settings->log_file != NULL) {
		r = log_to_file(settings->log_file, &err);
		log_is_file = r == 0;
	}
	if (r == 0)
		r = run(settings, &err);
	if (r < 0)
		report(settings, log_is_file, &err);
	return exit_status(r);
}

int vtpm_cuse_main(int argc, char **argv)
{
	cleanup_settings struct settings settings;
	struct error err = { "" };
	int r;

	program_start();
	log_init("vtpm-cuse", LOG_LEVEL_INFO);
	r = settings_parse(argc, argv, &settings, &err);
	if (r < 0) {
		log_err("%s", err.text);
		return EXIT_STATUS_USAGE;
	}
	if (settings.help) {
		settings_help(stdout);
		return 0;
	}
	if (settings.version)
		return program_print_version("vtpm-cuse");
	if (settings.verbose)
		log_init("vtpm-cuse", LOG_LEVEL_DEBUG);

	return open_log_and_run(&settings);
}
