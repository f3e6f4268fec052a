/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/ctl/ask.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cuse/control/client.h"
#include "util/clock.h"
#include "util/error.h"

/* How many servers are asked before the first answer is read; below every limit of descriptors. */
#define AT_ONCE 200

/* The time limit for all servers of one round: a healthy server answers within a millisecond. */
#define PATIENCE_MS 2000

int ctl_connect(const char *name, int *ret, struct error *err)
{
	int r = control_connect(name, ret, err);

	return r == -ENOENT ? -ECONNREFUSED : r;
}

int ctl_ask(const char *name, const char *command, json_t **answer, struct error *err)
{
	json_auto_t *request = json_pack("{s:s}", "command", command);
	cleanup_close int fd = -1;
	int r;

	if (request == NULL)
		return error_set(err, ENOMEM, "ask vTPM %s", name);
	r = ctl_connect(name, &fd, err);
	if (r < 0)
		return r;
	r = control_ask(fd, request, answer, err);
	return r < 0 ? error_prefix(err, r, "vTPM %s", name) : 0;
}

struct names {
	char **list;
	size_t count;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}

static int names_add(struct names *names, const char *name)
{
	char **list = reallocarray(names->list, names->count + 1, sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	names->list = list;
	list[names->count] = strdup(name);
	if (list[names->count] == NULL)
		return -ENOMEM;
	names->count++;
	return 0;
}

/* tpm2 comes before tpm10. */
static int compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(const char *name, void *names)
{
	return names_add(names, name);
}

static int find_servers(struct names *ret, struct error *err)
{
	int r = control_each(add_name, ret);

	if (r < 0)
		return error_set(err, -r, "look into %s", CONTROL_DIR);
	if (ret->count > 0)
		qsort(ret->list, ret->count, sizeof(*ret->list), compare);
	return 0;
}

/* Keeps the name of a server that refuses the connection in REFUSED: it may be dead. */
static int begin(const char *name, const json_t *request, int *fd, struct ctl_missing *missing,
		 struct names *refused)
{
	int r = control_begin(name, request, fd);

	missing->forbidden += r == -EACCES || r == -EPERM;
	missing->silent += r == -EAGAIN || r == -EMFILE || r == -ENFILE;
	return r == -ECONNREFUSED ? names_add(refused, name) : 0;
}

static int finish(int fd, int64_t deadline, json_t *all, struct ctl_missing *missing)
{
	json_t *answer = NULL;
	int r = control_finish(fd, deadline, &answer, NULL);

	missing->silent += r == -ETIMEDOUT || r == -EREMOTEIO || r == -EPROTO;
	if (r < 0)
		return 0;
	return json_array_append_new(all, answer) < 0 ? -ENOMEM : 0;
}

static int ask_some(char **list, size_t count, const json_t *request, json_t *all,
		    struct ctl_missing *missing, struct names *refused)
{
	int64_t deadline = monotonic_ms() + PATIENCE_MS;
	int fds[AT_ONCE];
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		fds[i] = -1;
		if (r == 0)
			r = begin(list[i], request, &fds[i], missing, refused);
	}
	for (size_t i = 0; i < count; i++) {
		if (r == 0 && fds[i] >= 0)
			r = finish(fds[i], deadline, all, missing);
		closep(&fds[i]);
	}
	return r;
}

/* Asks each refused server again: one that was only starting listens now, the others are dead. */
static int add_dead(const struct names *refused, json_t *dead)
{
	static const struct timespec moment = { .tv_nsec = 50000000 };
	int r = 0;

	if (refused->count > 0)
		(void)nanosleep(&moment, NULL);
	for (size_t i = 0; i < refused->count && r == 0; i++) {
		cleanup_close int fd = -1;

		if (control_connect(refused->list[i], &fd, NULL) == -ECONNREFUSED)
			r = json_array_append_new(dead, json_string(refused->list[i]));
	}
	return r < 0 ? -ENOMEM : 0;
}

static int ask_all(const char *command, const struct names *names, struct ctl_answers *answers)
{
	json_auto_t *request = json_pack("{s:s}", "command", command);
	cleanup_with(names_done) struct names refused = { 0 };
	int r = request == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < names->count && r == 0; i += AT_ONCE) {
		size_t left = names->count - i;

		r = ask_some(names->list + i, left < AT_ONCE ? left : AT_ONCE, request,
			     answers->all, &answers->missing, &refused);
	}
	return r == 0 ? add_dead(&refused, answers->dead) : r;
}

void ctl_answers_done(struct ctl_answers *answers)
{
	json_decref(take_ptr(answers->all));
	json_decref(take_ptr(answers->dead));
}

int ctl_ask_all(const char *command, struct ctl_answers *ret, struct error *err)
{
	cleanup_with(ctl_answers_done) struct ctl_answers answers = {
		.all = json_array(),
		.dead = json_array(),
	};
	cleanup_with(names_done) struct names names = { 0 };
	int r = find_servers(&names, err);

	if (r < 0)
		return r;
	r = answers.all == NULL || answers.dead == NULL ? -ENOMEM
							: ask_all(command, &names, &answers);
	if (r < 0)
		return error_set(err, -r, "ask all vTPMs");
	*ret = answers;
	answers = (struct ctl_answers){ 0 };
	return 0;
}

int ctl_missing_say(const struct ctl_missing *missing, struct error *err)
{
	unsigned int n = missing->forbidden;

	if (n > 0)
		return error_say(err, EACCES,
				 "%u vTPM%s of others run%s, which only root and their "
				 "--control-user may ask",
				 n, n == 1 ? "" : "s", n == 1 ? "s" : "");
	n = missing->silent;
	if (n > 0)
		return error_say(err, ETIMEDOUT, "%u vTPM%s do%s not answer", n, n == 1 ? "" : "s",
				 n == 1 ? "es" : "");
	return 0;
}
