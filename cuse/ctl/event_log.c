/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-ctl eventlog: prints what was measured before the vTPM became usable. */
#include "cuse/ctl/ctl.h"

#include <errno.h>
#include <string.h>

#include "cuse/control/client.h"
#include "cuse/ctl/ask.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "verify/log/log.h"
#include "verify/log/view.h"

static int print_lines(const struct cel_log *log, struct error *err)
{
	for (size_t i = 0; i < log->count; i++) {
		const struct cel_event *event = &log->records[i].event;
		const char *name = cel_event_name(event->content, event->type);
		cleanup_free char *text = cel_event_text(event);

		if (text == NULL)
			return error_set(err, ENOMEM, "print the event log");
		(void)printf("%2u  %-16s%s%s\n", event->pcr, name != NULL ? name : "unknown",
			     text[0] != '\0' ? "  " : "", text);
	}
	return 0;
}

static int print_json(const struct cel_log *log, struct error *err)
{
	json_auto_t *all = cel_log_json(log);

	if (all == NULL)
		return error_set(err, ENOMEM, "print the event log");
	ctl_print_json(all, 0);
	return 0;
}

static int read_log(const char *name, char **bytes, size_t *len, struct error *err)
{
	cleanup_close int fd = -1;
	char path[PATH_MAX];
	int r;

	control_event_log(name, path);
	r = read_path(path, CEL_LOG_MOST, bytes, len);
	if (r == -ENOENT) {
		r = ctl_connect(name, &fd, err);
		return r < 0 ? r
			     : error_say(err, ENODATA, "nothing was measured for vTPM %s", name);
	}
	return r < 0 ? error_set(err, -r, "read %s", path) : 0;
}

int ctl_event_log(const struct ctl_options *options, const char *name, struct error *err)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	cleanup_free char *bytes = NULL;
	size_t len;
	int r;

	if (strchr(name, '/') != NULL)
		return error_say(err, EINVAL, "'%.64s' is not a vTPM's name", name);
	r = read_log(name, &bytes, &len, err);
	if (r == 0)
		r = cel_log_parse((const uint8_t *)bytes, len, &log, err);
	if (r == 0)
		r = cel_log_check(log, err);
	if (r < 0)
		return r;
	return options->json ? print_json(log, err) : print_lines(log, err);
}
