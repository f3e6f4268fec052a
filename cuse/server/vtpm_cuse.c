/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-cuse alone; in an appliance it is a part of one program. */
#include "util/programs.h"

int main(int argc, char **argv)
{
	return vtpm_cuse_main(argc, argv);
}
