/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util/bytes.h"

#define OTHER_PAGE "\033[?1049h\033[?25l"
#define FIRST_PAGE "\033[?25h\033[?1049l"

bool screen_is_there(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

void screen_take(struct screen *screen)
{
	const char *no_color = getenv("NO_COLOR");
	struct termios raw;

	*screen = (struct screen){ .colors = no_color == NULL || no_color[0] == '\0' };
	if (tcgetattr(STDIN_FILENO, &screen->saved) < 0)
		return;
	raw = screen->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	screen->taken = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
	(void)fputs(OTHER_PAGE, stdout);
}

void screen_give_back(struct screen *screen)
{
	if (!screen->taken)
		return;
	screen->taken = false;
	(void)fputs(FIRST_PAGE, stdout);
	(void)fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &screen->saved);
}

void screen_size(unsigned int *width, unsigned int *height)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	unsigned long number;

	*width = 80;
	*height = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
		*width = size.ws_col;
		*height = size.ws_row > 0 ? size.ws_row : 24;
	} else if (columns != NULL && number_parse(columns, 10, 500, &number) == 0 && number > 0) {
		*width = (unsigned int)number;
	}
}
