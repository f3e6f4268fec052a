/* SPDX-License-Identifier: BSD-3-Clause */
/* The terminal, for a table that is redrawn again and again. */
#ifndef VTPM_CUSE_CTL_SCREEN_H
#define VTPM_CUSE_CTL_SCREEN_H

#include <stdbool.h>
#include <termios.h>

struct screen {
	struct termios saved;
	bool taken;  /* settings were changed and must be restored */
	bool colors; /* NO_COLOR is not set */
};

/* Whether standard output and input are a terminal that can be drawn on. */
bool screen_is_there(void);

/* Switches to a page of its own, and reads keys without echo and without Enter. */
void screen_take(struct screen *screen);
void screen_give_back(struct screen *screen);

/*
 * The size of the terminal at standard output, or 80 by 24. Without a terminal, COLUMNS sets the
 * width.
 */
void screen_size(unsigned int *width, unsigned int *height);

#endif
