/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime/rule/program.c: programs that decide about devices. */
#include "tests/unit/unit.h"

#include <stddef.h>
#include <string.h>

#include "runtime/rule/backends.h"
#include "runtime/rule/program.h"

/*
 * As runtimes write them: character device 1:3 may be read and written, nothing else. The access is
 * shifted out of the first word.
 */
static const struct bpf_insn only_null[] = {
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = 0 },
	{ .code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = 2, .imm = 0xffff },
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 3, .src_reg = 1, .off = 0 },
	{ .code = BPF_ALU | BPF_RSH | BPF_K, .dst_reg = 3, .imm = 16 },
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 4, .src_reg = 1, .off = 4 },
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 5, .src_reg = 1, .off = 8 },
	{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 2, .off = 6, .imm = BPF_DEVCG_DEV_CHAR },
	{ .code = BPF_ALU | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 3 },
	{ .code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = 1, .imm = 6 },
	{ .code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = 1, .src_reg = 3, .off = 3 },
	{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 4, .off = 2, .imm = 1 },
	{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 5, .off = 1, .imm = 3 },
	{ .code = BPF_JMP | BPF_JA, .off = 2 },
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1 },
	{ .code = BPF_JMP | BPF_EXIT },
};
#define LEN (sizeof(only_null) / sizeof(only_null[0]))

static const struct device_number null_device = { 1, 3 }, zero_device = { 1, 5 };
static const struct device_number ours[] = { { 120, 7 }, { 120, 1048575 } };

static void a_runtimes_program_is_followed(void **state)
{
	(void)state;
	assert_true(device_program_allows(only_null, LEN, &null_device));
	assert_false(device_program_allows(only_null, LEN, &zero_device));
	assert_false(device_program_allows(only_null, LEN, &ours[0]));
}

/* "1 for device 120:7, else 0", as Linux 6.1 shows it with net.core.bpf_jit_harden=2. */
static const struct bpf_insn blinded[] = {
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 4, .src_reg = 1, .off = 4 },
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 5, .src_reg = 1, .off = 8 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 11, .imm = 0x5a5a5a5a ^ 120 },
	{ .code = BPF_ALU64 | BPF_XOR | BPF_K, .dst_reg = 11, .imm = 0x5a5a5a5a },
	{ .code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = 4, .src_reg = 11, .off = 7 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 11, .imm = -1 ^ 7 },
	{ .code = BPF_ALU64 | BPF_XOR | BPF_K, .dst_reg = 11, .imm = -1 },
	{ .code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = 5, .src_reg = 11, .off = 4 },
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 11, .imm = 0x1234 ^ 1 },
	{ .code = BPF_ALU | BPF_XOR | BPF_K, .dst_reg = 11, .imm = 0x1234 },
	{ .code = BPF_ALU | BPF_MOV | BPF_X, .dst_reg = 0, .src_reg = 11 },
	{ .code = BPF_JMP | BPF_EXIT },
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static void a_blinded_program_is_known_and_followed(void **state)
{
	const size_t len = sizeof(blinded) / sizeof(blinded[0]);

	(void)state;
	assert_true(device_program_is_blinded(blinded, len));
	assert_true(device_program_allows(blinded, len, &ours[0]));
	assert_false(device_program_allows(blinded, len, &ours[1]));
	assert_false(device_program_allows(blinded, len, &null_device));
	assert_false(device_program_is_blinded(only_null, LEN));
}

static void what_cannot_be_followed_counts_as_a_refusal(void **state)
{
	static const struct bpf_insn call[] = { { .code = BPF_JMP | BPF_CALL, .imm = 1 },
						{ .code = BPF_JMP | BPF_EXIT } };
	static const struct bpf_insn back[] = { { .code = BPF_JMP | BPF_JA, .off = -1 } };
	static const struct bpf_insn far[] = { { .code = BPF_JMP | BPF_JA, .off = 100 } };
	static const struct bpf_insn beyond[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 0, .src_reg = 1, .off = 12 },
		{ .code = BPF_JMP | BPF_EXIT }
	};

	(void)state;
	assert_false(device_program_allows(call, 2, &null_device));
	assert_false(device_program_allows(back, 1, &null_device));
	assert_false(device_program_allows(far, 1, &null_device));
	assert_false(device_program_allows(beyond, 2, &null_device));
	assert_false(device_program_allows(NULL, 0, &null_device));
}

static void a_rule_in_front_allows_its_device_and_no_other(void **state)
{
	static const struct device_number others[] = { { 120, 8 }, { 121, 7 }, { 1, 5 } };
	struct bpf_insn changed[LEN + 2 * DEVICE_RULE_LEN];
	size_t len = LEN + 2 * DEVICE_RULE_LEN;

	(void)state;
	device_program_prepend(only_null, LEN, ours, 2, changed);
	assert_true(device_program_allows(changed, len, &ours[0]));
	assert_true(device_program_allows(changed, len, &ours[1]));
	assert_true(device_program_allows(changed, len, &null_device));
	for (size_t i = 0; i < 3; i++)
		assert_false(device_program_allows(changed, len, &others[i]));
}

static void rules_are_taken_out_again_also_from_between_others(void **state)
{
	static const struct device_number mixed[] = { { 120, 7 }, { 130, 1 }, { 120, 1048575 } };
	struct bpf_insn changed[LEN + 3 * DEVICE_RULE_LEN], back[LEN + 3 * DEVICE_RULE_LEN];
	size_t len = LEN + 3 * DEVICE_RULE_LEN;

	(void)state;
	device_program_prepend(only_null, LEN, mixed, 3, changed);
	assert_int_equal(device_program_strip(changed, len, ours, 2, back), LEN + DEVICE_RULE_LEN);
	assert_true(device_program_allows(back, LEN + DEVICE_RULE_LEN, &mixed[1]));
	assert_false(device_program_allows(back, LEN + DEVICE_RULE_LEN, &ours[0]));
	assert_int_equal(device_program_strip(changed, len, mixed, 3, back), LEN);
	assert_memory_equal(back, only_null, sizeof(only_null));
	assert_int_equal(device_program_strip(only_null, LEN, ours, 2, back), LEN);
}

static void a_program_with_maps_is_not_portable(void **state)
{
	static const struct bpf_insn constant[] = { { .code = BPF_LD | BPF_IMM | BPF_DW }, { 0 } };
	static const struct bpf_insn map[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = BPF_PSEUDO_MAP_FD }, { 0 }
	};

	(void)state;
	assert_true(device_program_is_portable(only_null, LEN));
	assert_true(device_program_is_portable(constant, 2));
	assert_false(device_program_is_portable(map, 2));
}

/* --- systemd --------------------------------------------------------------------------------- */

static void a_unit_is_told_of_what_its_list_has_not(void **state)
{
	static const struct device_number devices[] = { { 120, 1 }, { 120, 10 } };
	static const struct {
		const char *properties;
		bool needed;
	} cases[] = {
		{ "", false },
		{ "DevicePolicy=auto\nDeviceAllow=\n", false },
		{ "DevicePolicy=strict\n", true },
		{ "DevicePolicy=closed", true },
		{ "DeviceAllow=/dev/char/120:1 rw\nDevicePolicy=strict\n"
		  "DeviceAllow=/dev/char/120:10 rw\n",
		  false },
		{ "DeviceAllow=/dev/char/120:10 rw\nDevicePolicy=strict\n", true },
		{ "DevicePolicy=strict\nDeviceAllow=/dev/char/120:1 rw\n"
		  "DeviceAllow=/dev/char/120:10 r\n",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(device_rule_systemd_needed(cases[i].properties, devices, 2),
				 cases[i].needed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_runtimes_program_is_followed),
		cmocka_unit_test(a_blinded_program_is_known_and_followed),
		cmocka_unit_test(what_cannot_be_followed_counts_as_a_refusal),
		cmocka_unit_test(a_rule_in_front_allows_its_device_and_no_other),
		cmocka_unit_test(rules_are_taken_out_again_also_from_between_others),
		cmocka_unit_test(a_program_with_maps_is_not_portable),
		cmocka_unit_test(a_unit_is_told_of_what_its_list_has_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
