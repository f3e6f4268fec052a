/* SPDX-License-Identifier: BSD-3-Clause */
/* The main() of the separate vtpm-ctl; an appliance has one program for all. */
#include "util/programs.h"

int main(int argc, char **argv)
{
	return vtpm_ctl_main(argc, argv);
}
