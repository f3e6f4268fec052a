/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-ctl metrics: the counters of all vTPMs, for Prometheus. */
#include "cuse/ctl/ctl.h"

#include <errno.h>
#include <stdio.h>

#include "cuse/ctl/ask.h"
#include "cuse/watch/http.h"
#include "cuse/watch/prometheus.h"
#include "cuse/watch/sample.h"
#include "cuse/watch/wait.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

static int write_text(const struct samples *samples, const struct ctl_answers *answers, char **text,
		      size_t *len, struct error *err)
{
	const struct prometheus_missing missing = {
		.silent = answers->missing.silent,
		.dead = json_array_size(answers->dead),
	};
	FILE *out = open_memstream(text, len);

	if (out == NULL)
		return error_set(err, errno, "write metrics");
	prometheus_write(out, samples, &missing);
	return fclose(out) != 0 ? error_set(err, ENOMEM, "write metrics") : 0;
}

static int take(struct ctl_missing *missing, char **text, size_t *len, struct error *err)
{
	cleanup_with(ctl_answers_done) struct ctl_answers answers = { 0 };
	cleanup_with(samples_done) struct samples samples = { 0 };
	int r = ctl_ask_all("metrics", &answers, err);

	if (r == 0)
		r = samples_parse(answers.all, &samples, err);
	*missing = answers.missing;
	return r < 0 ? r : write_text(&samples, &answers, text, len, err);
}

static int make_text(char **text, size_t *len, struct error *err)
{
	struct ctl_missing missing;

	return take(&missing, text, len, err);
}

static int write_once(const char *path, struct error *err)
{
	cleanup_free char *text = NULL;
	struct ctl_missing missing;
	size_t len = 0;
	int r = take(&missing, &text, &len, err);

	if (r < 0)
		return r;
	if (path == NULL)
		(void)fwrite(text, 1, len, stdout);
	else
		r = write_output(path, text, len, 0644);
	return r < 0 ? error_set(err, -r, "write %s", path) : ctl_missing_say(&missing, err);
}

int ctl_metrics(const struct ctl_options *options, const char *name, struct error *err)
{
	(void)name;
	if (options->listen == NULL)
		return write_once(options->output, err);
	if (options->output != NULL)
		return error_say(err, EINVAL, "metrics: --output or --listen, not both");
	wait_catch_signals();
	return http_serve(options->listen, make_text, err);
}
