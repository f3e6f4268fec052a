/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/turns.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

struct queue {
	struct turn *first, **end;
};

struct turns {
	struct turns_host host;
	pthread_mutex_t mutex;      /* guards all below, and data of the users */
	struct queue clients;       /* in order of arrival */
	struct queue asked;         /* go before all clients, even while frozen */
	bool taken;                 /* a thread has the TPM, or is about to take it */
	const struct turn *running; /* NULL: none, or it called turns_end() */
	bool running_client;
	uint64_t number; /* of the present or the last turn */
	unsigned int freeze_reasons;
};

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->end = &queue->first;
}

static void queue_add(struct queue *queue, struct turn *turn)
{
	assert(!turn->queued);
	turn->queued = true;
	turn->next = NULL;
	*queue->end = turn;
	queue->end = &turn->next;
}

static struct turn *queue_take(struct queue *queue)
{
	struct turn *turn = queue->first;

	queue->first = turn->next;
	if (queue->first == NULL)
		queue->end = &queue->first;
	turn->queued = false;
	return turn;
}

int turns_new(const struct turns_host *host, struct turns **ret)
{
	struct turns *turns = calloc(1, sizeof(*turns));

	if (turns == NULL)
		return -ENOMEM;
	turns->host = *host;
	(void)pthread_mutex_init(&turns->mutex, NULL);
	queue_init(&turns->clients);
	queue_init(&turns->asked);
	*ret = turns;
	return 0;
}

void turns_free(struct turns *turns)
{
	if (turns == NULL)
		return;
	(void)pthread_mutex_destroy(&turns->mutex);
	free(turns);
}

pthread_mutex_t *turns_mutex(struct turns *turns)
{
	return &turns->mutex;
}

void turns_queue(struct turns *turns, struct turn *turn)
{
	queue_add(&turns->clients, turn);
}

/* Chooses the queue of the next turn; NULL: no turn may begin. */
static struct queue *next_queue(struct turns *turns)
{
	if (turns->host.is_stopping(turns->host.context))
		return NULL;
	if (turns->asked.first != NULL)
		return &turns->asked;
	if (turns->clients.first != NULL && turns->freeze_reasons == 0)
		return &turns->clients;
	return NULL;
}

/*
 * Lock held, by the thread that has the TPM. Takes the next turn; without one, the TPM becomes
 * free.
 */
static struct turn *next(struct turns *turns)
{
	struct queue *queue = next_queue(turns);
	struct turn *turn = queue != NULL ? queue_take(queue) : NULL;

	turns->taken = turn != NULL;
	turns->running = turn;
	turns->running_client = queue == &turns->clients;
	if (turn != NULL)
		turns->number++;
	return turn;
}

static bool claim(struct turns *turns)
{
	if (turns->taken || next_queue(turns) == NULL)
		return false;
	turns->taken = true;
	return true;
}

struct turn *turns_begin(struct turns *turns)
{
	return claim(turns) ? next(turns) : NULL;
}

void turns_end(struct turns *turns)
{
	turns->running = NULL;
}

bool turns_has(const struct turns *turns, const struct turn *turn)
{
	return turn->queued || turns->running == turn;
}

static struct turn *lock_and_next(struct turns *turns)
{
	scoped_lock(&turns->mutex);
	return next(turns);
}

/* Before it runs turns of others, the thread hands its other duties over. */
void turns_run(struct turns *turns, struct turn *turn)
{
	while (turn != NULL) {
		turn->run(turn->context);
		turn = lock_and_next(turns);
		if (turn != NULL)
			turns->host.relieve(turns->host.context);
	}
}

void turns_run_waiting(struct turns *turns)
{
	turns_run(turns, lock_and_next(turns));
}

/* Has another thread run what waits, since the caller may have other duties. */
static void hand_over(struct turns *turns, bool claimed)
{
	if (claimed)
		turns->host.run_waiting(turns->host.context);
}

bool turns_ask(struct turns *turns, struct turn *turn)
{
	bool claimed;

	{
		scoped_lock(&turns->mutex);
		if (turn->queued)
			return false;
		queue_add(&turns->asked, turn);
		claimed = claim(turns);
	}
	hand_over(turns, claimed);
	return true;
}

void turns_freeze(struct turns *turns, enum freeze_reason reason)
{
	scoped_lock(&turns->mutex);
	turns->freeze_reasons |= reason;
}

void turns_thaw(struct turns *turns, enum freeze_reason reason)
{
	bool claimed;

	{
		scoped_lock(&turns->mutex);
		turns->freeze_reasons &= ~(unsigned int)reason;
		claimed = claim(turns);
	}
	hand_over(turns, claimed);
}

int turns_cancel(struct turns *turns, uint64_t *number)
{
	scoped_lock(&turns->mutex);

	if (turns->running == NULL || !turns->running_client ||
	    (*number != 0 && *number != turns->number))
		return -ESRCH;
	*number = turns->number;
	return turns->host.cancel(turns->host.context);
}

void turns_look(struct turns *turns, bool *busy, bool *frozen)
{
	scoped_lock(&turns->mutex);
	*busy = turns->taken;
	*frozen = turns->freeze_reasons != 0;
}
