/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eBPF programs that decide about device access, as instructions: what one decides, and one with
 * rules of ours in front of it. Pure; bpf.c speaks to the kernel.
 */
#ifndef VTPM_RUNTIME_RULE_PROGRAM_H
#define VTPM_RUNTIME_RULE_PROGRAM_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/host/device_number.h"

/* How many instructions a rule for one device takes. */
#define DEVICE_RULE_LEN 9

/* Kernels refuse longer programs. */
#define DEVICE_PROGRAM_MAX 1000000

/*
 * Whether PROGRAM lets a container read and write the character device. An instruction that no
 * runtime uses here counts as a refusal, as a rule in front of the program then does no harm.
 */
bool device_program_allows(const struct bpf_insn *program, size_t len,
			   const struct device_number *device);

/*
 * Whether the kernel has blinded the constants of PROGRAM: then it cannot be loaded again as it is.
 */
bool device_program_is_blinded(const struct bpf_insn *program, size_t len);

/* Whether PROGRAM can be loaded again as it was read: it uses no maps. */
bool device_program_is_portable(const struct bpf_insn *program, size_t len);

/* Writes rules for COUNT devices and then PROGRAM to RET, COUNT * DEVICE_RULE_LEN + LEN
 * instructions. */
void device_program_prepend(const struct bpf_insn *program, size_t len,
			    const struct device_number *devices, size_t count,
			    struct bpf_insn *ret);

/*
 * Copies PROGRAM to RET without the rules for any of DEVICES that are in front of it; returns how
 * many instructions are left.
 */
size_t device_program_strip(const struct bpf_insn *program, size_t len,
			    const struct device_number *devices, size_t count,
			    struct bpf_insn *ret);

#endif
