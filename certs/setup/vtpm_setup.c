/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-setup alone; in an appliance it is a part of one program. */
#include "util/programs.h"

int main(int argc, char **argv)
{
	return vtpm_setup_main(argc, argv);
}
