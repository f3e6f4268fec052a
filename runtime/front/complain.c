/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/front/complain.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>

#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/log.h"

char *complaint(const char *message, bool as_json, time_t now)
{
	cleanup_json json_t *line = NULL, *quoted = json_string(message);
	cleanup_free char *text = NULL;
	char when[32], *ret = NULL;
	struct tm tm;

	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	if (as_json) {
		line = json_pack("{s:s, s:s, s:s}", "level", "error", "msg", message, "time", when);
		text = json_dumps(line, JSON_COMPACT);
		if (text == NULL || asprintf(&ret, "%s\n", text) < 0)
			return NULL;
		return ret;
	}
	text = json_dumps(quoted, JSON_ENCODE_ANY);
	if (text == NULL || asprintf(&ret, "time=\"%s\" level=error msg=%s\n", when, text) < 0)
		return NULL;
	return ret;
}

/* crun's --log may be "file:PATH", or name a log service. */
static const char *log_path(const char *log)
{
	if (strncmp(log, "file:", 5) == 0)
		return log + 5;
	return strncmp(log, "journald:", 9) == 0 || strncmp(log, "syslog:", 7) == 0 ? NULL : log;
}

void complain(const struct runtime_arguments *arguments, const char *message)
{
	const char *format = arguments->log_format, *path = NULL;
	cleanup_free char *line = NULL;
	cleanup_close int fd = -1;

	log_err("%s", message);
	if (arguments->log != NULL)
		path = log_path(arguments->log);
	if (path == NULL)
		return;
	line = complaint(message, format != NULL && strcmp(format, "json") == 0, time(NULL));
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0644);
	if (fd >= 0 && line != NULL)
		(void)write_all(fd, line, strlen(line));
}
