/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/watches.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

struct watches {
	int epoll_fd;
	int end_fd; /* in the epoll without a watch; readable: the end has come */
};

int watches_new(struct watches **ret)
{
	cleanup_with(watches_freep) struct watches *watches = calloc(1, sizeof(*watches));
	struct epoll_event end = { .events = EPOLLIN };

	if (watches == NULL)
		return -ENOMEM;
	watches->end_fd = -1;
	watches->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (watches->epoll_fd < 0)
		return -errno;
	watches->end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watches->end_fd < 0 ||
	    epoll_ctl(watches->epoll_fd, EPOLL_CTL_ADD, watches->end_fd, &end) < 0)
		return -errno;
	*ret = take_ptr(watches);
	return 0;
}

void watches_free(struct watches *watches)
{
	if (watches == NULL)
		return;
	closep(&watches->epoll_fd);
	closep(&watches->end_fd);
	free(watches);
}

/* One thread at a time handles a watch: it is armed again when it has been handled. */
static int arm(struct watches *watches, int operation, struct watch *watch)
{
	uint32_t wanted = watch->events != 0 ? watch->events : EPOLLIN;
	struct epoll_event event = { .events = wanted | EPOLLONESHOT, .data.ptr = watch };

	return epoll_ctl(watches->epoll_fd, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int watches_add(struct watches *watches, struct watch *watch)
{
	return arm(watches, EPOLL_CTL_ADD, watch);
}

int watches_resume(struct watches *watches, struct watch *watch)
{
	return arm(watches, EPOLL_CTL_MOD, watch);
}

int watches_fd(const struct watches *watches)
{
	return watches->epoll_fd;
}

void watches_handle(struct watches *watches)
{
	struct epoll_event event;
	struct watch *watch;

	if (epoll_wait(watches->epoll_fd, &event, 1, 0) <= 0)
		return;
	watch = event.data.ptr;
	if (watch != NULL && watch->ready(watch->context))
		(void)watches_resume(watches, watch);
}

void watches_end(struct watches *watches)
{
	(void)eventfd_write(watches->end_fd, 1);
}
