/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/measure.h"

#include <limits.h>

#include "cuse/control/client.h"
#include "cuse/server/launch_log.h"
#include "cuse/server/vouched.h"
#include "cuse/server/vtpm.h"
#include "tpm/state/backup.h"
#include "util/dir.h"
#include "util/file.h"
#include "verify/log/event.h"

/* Returns the TPM's origin when only the state knows it, and not the caller; NULL: none. */
static const char *origin_of(const struct vtpm *vtpm)
{
	struct state_info info;

	state_get_info(vtpm->state, &info);
	if (info.warning.text[0] != '\0')
		return "recovered";
	return state_is_restored(vtpm->state) ? "restored" : NULL;
}

static int read_list(const struct measured *measured, char **list, size_t *len, struct error *err)
{
	cleanup_close int fd = measured->fd;
	int r;

	if (measured->kind != MEASURED_LAUNCH)
		return 0;
	r = read_whole(fd, CEL_LOG_MOST, list, len);
	return r < 0 ? error_set(err, -r, "read the events of the launch") : 0;
}

/* Everyone may read the log, including containers: it holds no secrets. */
static int write_log(const struct vtpm *vtpm, struct error *err)
{
	cleanup_close int dir_fd = -1;
	char path[PATH_MAX];
	const char *name;
	int r;

	control_event_log(vtpm->settings->name, path);
	r = open_parent(path, &dir_fd, &name);
	if (r == 0)
		r = replace_file(dir_fd, name, vtpm->log.bytes, vtpm->log.len, 0644);
	if (r < 0)
		return error_set(err, -r, "write %s", path);
	return leftovers_add(vtpm->leftovers, path, err);
}

/* Asks the host's TPM, if the launch wants that; RET gets its answer. */
static int ask_host(const struct measured *measured, const struct tpm_executor *executor,
		    struct host_quote_parts *ret, struct launch_facts *facts, struct error *err)
{
	cleanup_close int fd = measured->host_fd;

	if (fd < 0)
		return 0;
	facts->host = ret;
	return vouched_ask(executor, fd, ret, err);
}

static int make_log(struct vtpm *vtpm, struct error *err)
{
	const struct measured *measured = &vtpm->settings->measured;
	const struct tpm_executor executor = tpm_executor_local(vtpm->tpm);
	struct launch_facts facts = { .measured = measured };
	struct host_quote_parts host;
	cleanup_free char *list = NULL;
	char library[TPM_LIBRARY_LEN];
	int r = read_list(measured, &list, &facts.list_len, err);

	if (r < 0)
		return r;
	facts.list = (const uint8_t *)list;
	facts.origin = origin_of(vtpm);
	facts.library = tpm_library(library);
	r = ask_host(measured, &executor, &host, &facts, err);
	if (r == 0)
		r = launch_log_make(&facts, &executor, &vtpm->log.bytes, &vtpm->log.len, err);
	return r < 0 ? error_prefix(err, r, "measure the launch") : 0;
}

int measure(struct vtpm *vtpm, struct error *err)
{
	int r = 0;

	if (vtpm->settings->measured.kind != MEASURED_NOT)
		r = make_log(vtpm, err);
	return r < 0 || vtpm->log.bytes == NULL ? r : write_log(vtpm, err);
}
