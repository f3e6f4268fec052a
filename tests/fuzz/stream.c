/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/stream.h"

#include <string.h>

#include "tests/fuzz/mutate.h"
#include "tpm/command.h"
#include "util/bytes.h"

/* The steps of a stream, as many as are looked at. */
struct steps {
	struct step at[STREAM_STEPS_MAX];
	size_t count;
};

bool stream_next(const uint8_t **data, size_t *left, struct step *step)
{
	uint32_t len;

	if (*left < 1 + TPM_HEADER_SIZE)
		return false;
	len = get_be32(*data + 3);
	if (len < TPM_HEADER_SIZE || len > TPM_COMMAND_MAX || len > *left - 1)
		return false;
	*step = (struct step){ .who = **data, .command = *data + 1, .len = len };
	*data += 1 + len;
	*left -= 1 + len;
	return true;
}

static void parse(const uint8_t *data, size_t size, struct steps *steps)
{
	steps->count = 0;
	while (steps->count < STREAM_STEPS_MAX &&
	       stream_next(&data, &size, &steps->at[steps->count]))
		steps->count++;
}

/* Writes steps while there is room; the size. */
static size_t write_steps(const struct step *steps, size_t count, uint8_t *out, size_t max)
{
	size_t size = 0;

	for (size_t i = 0; i < count && 1 + steps[i].len <= max - size; i++) {
		out[size] = steps[i].who;
		memcpy(out + size + 1, steps[i].command, steps[i].len);
		size += 1 + steps[i].len;
	}
	return size;
}

static void insert(struct steps *steps, size_t place, const struct step *step)
{
	if (steps->count == STREAM_STEPS_MAX)
		steps->count--;
	if (place > steps->count)
		place = steps->count;
	memmove(steps->at + place + 1, steps->at + place,
		(steps->count - place) * sizeof(steps->at[0]));
	steps->at[place] = *step;
	steps->count++;
}

static void remove_step(struct steps *steps, size_t place)
{
	steps->count--;
	memmove(steps->at + place, steps->at + place + 1,
		(steps->count - place) * sizeof(steps->at[0]));
}

/* One change of the order of steps, or of who does one. */
static void change_order(struct steps *steps, struct chance *chance)
{
	size_t place = chance_below(chance, steps->count);
	struct step step = steps->at[place];

	switch (chance_below(chance, 5)) {
	case 0:
		remove_step(steps, place);
		break;
	case 1:
		insert(steps, chance_below(chance, steps->count + 1), &step);
		break;
	case 2:
		remove_step(steps, place);
		insert(steps, chance_below(chance, steps->count + 1), &step);
		break;
	default:
		steps->at[place].who = (uint8_t)((step.who & (0xff ^ STEP_CLIENT)) |
						 chance_below(chance, STREAM_CLIENTS));
		if (chance_below(chance, 4) == 0)
			steps->at[place].who ^= STEP_COMES_AGAIN;
		if (chance_below(chance, 16) == 0)
			steps->at[place].who ^= STEP_DISK_FAILS;
		break;
	}
}

size_t stream_mutate(uint8_t *data, size_t size, size_t max, unsigned int seed,
		     const struct command_table *table)
{
	static uint8_t copy[1 << 16];
	static struct tpm_command command;
	struct chance chance = { seed };
	struct steps steps;
	struct step step = { .who = (uint8_t)chance_below(&chance, STREAM_CLIENTS),
			     .command = command.bytes };
	size_t place;

	if (size > sizeof(copy))
		size = sizeof(copy);
	memcpy(copy, data, size);
	parse(copy, size, &steps);
	place = chance_below(&chance, steps.count + 1);
	if (steps.count == 0 || chance_below(&chance, 4) == 0) {
		mutate_make(&command, &chance);
		step.len = command.len;
		insert(&steps, place, &step);
	} else if (place == steps.count || chance_below(&chance, 4) == 0) {
		change_order(&steps, &chance);
	} else {
		memcpy(command.bytes, steps.at[place].command, steps.at[place].len);
		command.len = steps.at[place].len;
		mutate_command(&command, table, &chance);
		steps.at[place].command = command.bytes;
		steps.at[place].len = command.len;
	}
	return write_steps(steps.at, steps.count, data, max);
}

size_t stream_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
		    size_t max, unsigned int seed)
{
	struct chance chance = { seed };
	struct steps first, last;
	size_t from, size;

	parse(a, a_len, &first);
	parse(b, b_len, &last);
	size = write_steps(first.at, chance_below(&chance, first.count + 1), out, max);
	from = chance_below(&chance, last.count + 1);
	return size + write_steps(last.at + from, last.count - from, out + size, max - size);
}
