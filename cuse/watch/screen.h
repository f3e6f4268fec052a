/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The terminal, for a table that is drawn again and again.
 */
#ifndef VTPM_CUSE_CTL_SCREEN_H
#define VTPM_CUSE_CTL_SCREEN_H

#include <stdbool.h>
#include <termios.h>

struct screen {
	struct termios saved;
	bool taken;  /* it is to be given back as it was */
	bool colors; /* NO_COLOR is not set */
};

/* Whether standard output and input are a terminal that can be drawn on. */
bool screen_is_there(void);

/* Another page than the user's, keys without their echo and without Enter. */
void screen_take(struct screen *screen);
void screen_give_back(struct screen *screen);

/* Of standard output: 80 and 24 where it does not say. COLUMNS sets the first where it is none. */
void screen_size(unsigned int *width, unsigned int *height);

#endif
