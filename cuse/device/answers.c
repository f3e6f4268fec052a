/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/answers.h"

#include <stdlib.h>
#include <string.h>

#include "cuse/device/parked.h"

static void answer_read(const struct device_answers *answers, struct parked_read *read)
{
	if (read->n < 0)
		answers->error(read->request, (int)read->n);
	else
		answers->data(read->request, read->data, (size_t)read->n);
	if (read->n > 0)
		explicit_bzero(read->data, (size_t)read->n);
	free(read);
}

void answer_endings(const struct device_answers *answers, const struct endings *endings)
{
	if (endings->write != NULL && endings->error < 0)
		answers->error(endings->write, endings->error);
	else if (endings->write != NULL)
		answers->written(endings->write, endings->written);
	if (endings->poller != NULL)
		answers->wake_poller(endings->poller);
	for (struct parked_read *read = endings->reads, *next; read != NULL; read = next) {
		next = read->next;
		answer_read(answers, read);
	}
}
