/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-ctl alone; in an appliance it is a part of one program. */
#include "util/programs.h"

int main(int argc, char **argv)
{
	return vtpm_ctl_main(argc, argv);
}
