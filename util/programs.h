/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What main() of each program does, by names that fit into one program.
 */
#ifndef VTPM_UTIL_PROGRAMS_H
#define VTPM_UTIL_PROGRAMS_H

int vtpm_ctl_main(int argc, char **argv);
int vtpm_cuse_main(int argc, char **argv);
int vtpm_hook_main(int argc, char **argv);
int vtpm_runtime_main(int argc, char **argv);
int vtpm_setup_main(int argc, char **argv);

#endif
