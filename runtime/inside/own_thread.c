/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/own_thread.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/inside/confine.h"
#include "util/error.h"

/* Enough for paths and lists of descriptors, and a tenth of the time of the usual 8 MiB. */
#define STACK_SIZE (256 << 10)

struct job {
	int (*work)(const void *arg, struct error *err);
	const void *arg;
	struct error *err;
	int r;
	bool done;
};

static void *run(void *arg)
{
	struct job *job = arg;

	if (unshare(CLONE_FS) < 0)
		job->r = error_set(job->err, errno, "leave the file system context");
	else
		job->r = job->work(job->arg, job->err);
	job->done = true;
	return NULL;
}

int run_in_own_thread(int (*work)(const void *arg, struct error *err), const void *arg,
		      struct error *err)
{
	struct job job = { .work = work, .arg = arg, .err = err };
	pthread_attr_t attributes;
	pthread_t thread;
	int e = pthread_attr_init(&attributes);

	if (e == 0)
		e = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (e == 0)
		e = pthread_create(&thread, &attributes, run, &job);
	(void)pthread_attr_destroy(&attributes);
	if (e != 0)
		return error_set(err, e, "start a thread");
	(void)pthread_join(thread, NULL);
	return job.done ? job.r : error_say(err, EIO, INSIDE_WAS_ENDED);
}
