/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/error.h"

/* What a system call's number means; the list is for those whose arguments are 64 bits. */
#if defined(__x86_64__) && defined(__LP64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__LP64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#else
#define OUR_ARCH 0
#endif

/* Numbers of x32, which x86-64 takes as well. */
#define X32_BIT 0x40000000

#define NUMBER offsetof(struct seccomp_data, nr)

/* The lower half of a 64 bit argument is the first one: all of these are little-endian. */
#define LOW_HALF(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define HIGH_HALF(n) (LOW_HALF(n) + 4)

/* So many rules are gone through one by one. */
#define RULES_FEW 3

/* A program as it grows. */
struct assembly {
	struct sock_filter *program;
	size_t count;
	uint32_t refusal;
};

static void add(struct assembly *to, struct sock_filter instruction)
{
	if (to->count < SECCOMP_PROGRAM_MAX)
		to->program[to->count] = instruction;
	to->count++;
}

static void load(struct assembly *to, size_t offset)
{
	add(to, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void answer(struct assembly *to, uint32_t action)
{
	add(to, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* Goes on with the next instruction when OPERATION holds, else skips so many. */
static void unless_skip(struct assembly *to, uint16_t operation, uint32_t value, uint8_t skipped)
{
	add(to, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | BPF_K | operation), value, 0,
					     skipped));
}

/* Goes on with the next instruction when OPERATION does not hold, else skips so many. */
static void if_skip(struct assembly *to, uint16_t operation, uint32_t value, uint8_t skipped)
{
	add(to, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | BPF_K | operation), value,
					     skipped, 0));
}

/* The number is in the accumulator; it still is behind a rule that does not fit. */
static void add_rule(struct assembly *to, const struct syscall_rule *rule, pid_t self)
{
	uint32_t value = rule->test == SYSCALL_SELF ? (uint32_t)self : rule->value;

	switch (rule->test) {
	case SYSCALL_ANY:
		unless_skip(to, BPF_JEQ, rule->number, 1);
		answer(to, SECCOMP_RET_ALLOW);
		break;
	case SYSCALL_LACKS:
		unless_skip(to, BPF_JEQ, rule->number, 4);
		load(to, LOW_HALF(rule->argument));
		if_skip(to, BPF_JSET, value, 1);
		answer(to, SECCOMP_RET_ALLOW);
		load(to, NUMBER);
		break;
	case SYSCALL_IS:
	case SYSCALL_SELF:
		unless_skip(to, BPF_JEQ, rule->number, 6);
		load(to, LOW_HALF(rule->argument));
		unless_skip(to, BPF_JEQ, value, 3);
		load(to, HIGH_HALF(rule->argument));
		unless_skip(to, BPF_JEQ, 0, 1);
		answer(to, SECCOMP_RET_ALLOW);
		load(to, NUMBER);
		break;
	}
}

/* Of one number, or of a few. */
static void add_few(struct assembly *to, const struct syscall_rule *rules, size_t count, pid_t self)
{
	for (size_t i = 0; i < count; i++)
		add_rule(to, &rules[i], self);
	answer(to, to->refusal);
}

/* Where the rules are to be parted, so that those of one number stay together. */
static size_t middle(const struct syscall_rule *rules, size_t count)
{
	size_t half = count / 2;

	while (half < count && rules[half].number == rules[half - 1].number)
		half++;
	return half;
}

/*
 * By halves: at the start the kernel runs the program for each number there is, and some kernels
 * run it at each call.
 */
static void add_rules(struct assembly *to, const struct syscall_rule *rules, size_t count,
		      pid_t self)
{
	size_t half = count > RULES_FEW ? middle(rules, count) : count;
	size_t jump = to->count, skipped;

	if (half == count) {
		add_few(to, rules, count, self);
		return;
	}
	if_skip(to, BPF_JGE, rules[half].number, 0);
	add_rules(to, rules, half, self);
	skipped = to->count - jump - 1;
	if (skipped > UINT8_MAX)
		to->count = SECCOMP_PROGRAM_MAX; /* what follows does not fit any more */
	else if (to->count <= SECCOMP_PROGRAM_MAX)
		to->program[jump].jt = (uint8_t)skipped;
	add_rules(to, rules + half, count - half, self);
}

static int compare(const void *a, const void *b)
{
	const struct syscall_rule *one = a, *other = b;

	return one->number < other->number ? -1 : one->number > other->number;
}

int seccomp_program(const struct syscall_rules *rules, enum seccomp_mode mode, pid_t self,
		    struct sock_filter program[static SECCOMP_PROGRAM_MAX])
{
	static const uint32_t refusals[] = { [SECCOMP_LOG] = SECCOMP_RET_LOG,
					     [SECCOMP_KILL] = SECCOMP_RET_KILL_PROCESS,
					     [SECCOMP_KILL_THREAD] = SECCOMP_RET_KILL_THREAD };
	struct syscall_rule sorted[SECCOMP_RULES_MAX];
	struct assembly to = { .program = program, .refusal = refusals[mode] };

	if (OUR_ARCH == 0)
		return -ENOSYS;
	if (rules->count > SECCOMP_RULES_MAX)
		return -E2BIG;
	memcpy(sorted, rules->rules, rules->count * sizeof(*sorted));
	qsort(sorted, rules->count, sizeof(*sorted), compare);

	load(&to, offsetof(struct seccomp_data, arch));
	if_skip(&to, BPF_JEQ, OUR_ARCH, 1);
	answer(&to, to.refusal);

	load(&to, NUMBER);
	if (OUR_ARCH == AUDIT_ARCH_X86_64) {
		unless_skip(&to, BPF_JGE, X32_BIT, 1);
		answer(&to, to.refusal);
	}
	unless_skip(&to, BPF_JGT, rules->newest, 1);
	answer(&to, SECCOMP_RET_ERRNO | ENOSYS);
	add_rules(&to, sorted, rules->count, self);
	return to.count <= SECCOMP_PROGRAM_MAX ? (int)to.count : -E2BIG;
}

int seccomp_check(struct error *err)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (OUR_ARCH == 0)
		return error_say(err, ENOSYS, "there is no list of system calls for this machine");
	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
		return error_say(err, ENOSYS, "the kernel has no filter for system calls");
	return 0;
}

int seccomp_enter(const struct syscall_rules *rules, enum seccomp_mode mode, struct error *err)
{
	struct sock_filter instructions[SECCOMP_PROGRAM_MAX];
	struct sock_fprog program = { .filter = instructions };
	const unsigned int flags =
		mode == SECCOMP_KILL_THREAD ? 0U : (unsigned int)SECCOMP_FILTER_FLAG_TSYNC;
	int count;

	if (mode == SECCOMP_OFF)
		return 0;
	count = seccomp_program(rules, mode, getpid(), instructions);
	if (count < 0)
		return error_set(err, -count, "make a filter for system calls");
	program.len = (unsigned short)count;
	/* More than 0 is a thread that has a filter of its own. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) != 0)
		return error_set(err, errno, "filter system calls");
	return 0;
}
