/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a scope owns is released when the scope is left; take_*() hands it over.
 */
#ifndef VTPM_UTIL_CLEANUP_H
#define VTPM_UTIL_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup_with(function) __attribute__((cleanup(function)))
#define cleanup_free cleanup_with(freep)
#define cleanup_close cleanup_with(closep)

/* Holds the mutex from here to the end of the scope. */
#define scoped_lock(mutex)                                                                \
	cleanup_with(unlockp) __attribute__((unused)) pthread_mutex_t *scoped_lock_held = \
		lock_and_return(mutex)

/* Makes CLOSE##p(), the form that cleanup_with() calls, of a function that takes a TYPE pointer. */
#define DEFINE_CLEANUP(type, close)           \
	static inline void close##p(type **p) \
	{                                     \
		close(*p);                    \
	}                                     \
	struct cleanup_needs_a_semicolon

#define take_ptr(pointer)                               \
	__extension__({                                 \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})

static inline int take_fd_from(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
#define take_fd(fd) take_fd_from(&(fd))

static inline void freep(void *p)
{
	free(*(void **)p);
}

/* Keeps errno, so that a failure can be reported after the scope was left. */
static inline void closep(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}

static inline void fclosep(FILE **stream)
{
	if (*stream != NULL)
		(void)fclose(*stream);
}

static inline void closedirp(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

static inline pthread_mutex_t *lock_and_return(pthread_mutex_t *mutex)
{
	(void)pthread_mutex_lock(mutex);
	return mutex;
}

static inline void unlockp(pthread_mutex_t **mutex)
{
	(void)pthread_mutex_unlock(*mutex);
}

#endif
