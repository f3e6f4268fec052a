/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-ctl top: shows the current activity of all vTPMs. */
#include "cuse/ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cuse/ctl/ask.h"
#include "cuse/watch/rates.h"
#include "cuse/watch/sample.h"
#include "cuse/watch/screen.h"
#include "cuse/watch/wait.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/error.h"

/* One reading of all vTPMs; the samples borrow from the answers. */
struct look {
	struct ctl_answers answers;
	struct samples samples;
};

static void look_done(struct look *look)
{
	samples_done(&look->samples);
	ctl_answers_done(&look->answers);
}

static int look_at_all(struct look *ret, struct error *err)
{
	cleanup_with(look_done) struct look look = { 0 };
	int r = ctl_ask_all("metrics", &look.answers, err);

	if (r == 0)
		r = samples_parse(look.answers.all, &look.samples, err);
	if (r < 0)
		return r;
	*ret = look;
	look = (struct look){ 0 };
	return 0;
}

static void print_json(const struct rates *all, size_t count)
{
	json_auto_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, rates_json(&all[i]));
	ctl_print_json(array, JSON_REAL_PRECISION(6));
}

static void print_line(const struct rates *rates, unsigned int width, const char *before,
		       const char *after)
{
	char line[RATES_LINE_SIZE];

	rates_line(rates, width, line);
	(void)printf("%s%s%s", before, line, after);
}

static void print_table(const struct rates *all, size_t count)
{
	unsigned int width, height;

	screen_size(&width, &height);
	print_line(NULL, width, "", "\n");
	for (size_t i = 0; i < count; i++)
		print_line(&all[i], width, "", "\n");
}

static void print_summary(const struct look *now, size_t shown, unsigned int width)
{
	const struct ctl_missing *missing = &now->answers.missing;
	size_t dead = json_array_size(now->answers.dead);
	char line[RATES_LINE_SIZE];
	int len = snprintf(line, sizeof(line), "%zu vTPMs", now->samples.count);

	if (shown < now->samples.count)
		len += snprintf(line + len, sizeof(line) - (size_t)len, ", %zu are shown", shown);
	if (missing->forbidden > 0)
		len += snprintf(line + len, sizeof(line) - (size_t)len, ", %u of others",
				missing->forbidden);
	if (missing->silent > 0)
		len += snprintf(line + len, sizeof(line) - (size_t)len, ", %u do not answer",
				missing->silent);
	if (dead > 0)
		(void)snprintf(line + len, sizeof(line) - (size_t)len, ", %zu dead", dead);
	(void)printf("%.*s\033[K\n", (int)width, line);
}

/* Draws over the screen from the top left corner, and clears what is left of it. */
static void draw(const struct screen *screen, const struct look *now, const struct rates *all)
{
	unsigned int width, height;
	size_t shown = now->samples.count;

	screen_size(&width, &height);
	if (shown + 3 > height)
		shown = height > 3 ? height - 3 : 0;
	(void)fputs("\033[H", stdout);
	print_summary(now, shown, width);
	print_line(NULL, width, screen->colors ? "\033[7m" : "",
		   screen->colors ? "\033[0m\033[K\n" : "\033[K\n");
	for (size_t i = 0; i < shown; i++)
		print_line(&all[i], width, "", "\033[K\n");
	(void)fputs("\033[J", stdout);
	(void)fflush(stdout);
}

static int print_once(const struct ctl_options *options, unsigned int seconds, struct error *err)
{
	const struct timespec pause = { .tv_sec = (time_t)seconds };
	cleanup_with(look_done) struct look before = { 0 }, now = { 0 };
	cleanup_free struct rates *all = NULL;
	int r = look_at_all(&before, err);

	if (r == 0) {
		(void)nanosleep(&pause, NULL);
		r = look_at_all(&now, err);
	}
	if (r < 0)
		return r;
	all = rates_of_all(&before.samples, &now.samples);
	if (all == NULL)
		return error_set(err, ENOMEM, "top");
	if (options->json)
		print_json(all, now.samples.count);
	else
		print_table(all, now.samples.count);
	return ctl_missing_say(&now.answers.missing, err);
}

/* Waits until DEADLINE; true: a key or a signal asks to end. */
static bool wait_for_key(int64_t deadline)
{
	for (int64_t left; (left = deadline - monotonic_ms()) > 0;) {
		int r = wait_for(STDIN_FILENO, (int)left);
		char key;

		if (r < 0)
			return true;
		if (r > 0 && (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
			return true;
		if (r == 0)
			return false;
	}
	return false;
}

static int draw_again_and_again(struct screen *screen, unsigned int seconds, struct error *err)
{
	cleanup_with(look_done) struct look before = { 0 }, now = { 0 };
	int64_t deadline = monotonic_ms();
	int r = look_at_all(&now, err);

	while (r == 0) {
		cleanup_free struct rates *all = rates_of_all(&before.samples, &now.samples);

		if (all == NULL)
			return error_set(err, ENOMEM, "top");
		draw(screen, &now, all);
		deadline += (int64_t)seconds * 1000;
		if (wait_for_key(deadline))
			return 0;
		look_done(&before);
		before = now;
		now = (struct look){ 0 };
		r = look_at_all(&now, err);
	}
	return r;
}

int ctl_top(const struct ctl_options *options, const char *name, struct error *err)
{
	unsigned int seconds = options->interval > 0 ? options->interval : 1;
	struct screen screen;
	int r;

	(void)name;
	if (options->once || options->json || !screen_is_there())
		return print_once(options, seconds, err);
	wait_catch_signals();
	screen_take(&screen);
	r = draw_again_and_again(&screen, seconds, err);
	screen_give_back(&screen);
	return r;
}
