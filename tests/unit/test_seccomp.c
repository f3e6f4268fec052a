/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuse/sandbox/lists.h"

/* The numbers are those of x86-64. */
#ifndef __x86_64__
int main(void)
{
	return 77;
}
#else

#define SELF 4711

static struct sock_filter program[SECCOMP_PROGRAM_MAX];
static int count;
static int steps; /* of the last run() */

static uint32_t jump(const struct sock_filter *instruction, uint32_t value)
{
	bool holds = false;

	switch (BPF_OP(instruction->code)) {
	case BPF_JEQ:
		holds = value == instruction->k;
		break;
	case BPF_JGE:
		holds = value >= instruction->k;
		break;
	case BPF_JGT:
		holds = value > instruction->k;
		break;
	case BPF_JSET:
		holds = (value & instruction->k) != 0;
		break;
	default:
		fail_msg("no such jump");
	}
	return holds ? instruction->jt : instruction->jf;
}

/* What the kernel would answer. */
static uint32_t run(const struct seccomp_data *data)
{
	uint32_t value = 0;

	steps = 0;
	for (int i = 0; i < count; i++) {
		steps++;
		switch (BPF_CLASS(program[i].code)) {
		case BPF_LD:
			assert_true(program[i].k + sizeof(value) <= sizeof(*data));
			memcpy(&value, (const char *)data + program[i].k, sizeof(value));
			break;
		case BPF_JMP:
			i += (int)jump(&program[i], value);
			break;
		case BPF_RET:
			return program[i].k;
		default:
			fail_msg("no such instruction");
		}
	}
	fail_msg("there is no end");
	return 0;
}

static uint32_t ask(uint32_t number, uint32_t argument, uint64_t value)
{
	struct seccomp_data data = { .nr = (int)number, .arch = AUDIT_ARCH_X86_64 };

	memset(data.args, 0xff, sizeof(data.args));
	data.args[argument] = value;
	return run(&data);
}

static void assemble(enum seccomp_mode mode)
{
	count = seccomp_program(&seccomp_server, mode, SELF, program);
	assert_true(count > 0);
}

static int set_up(void **state)
{
	(void)state;
	assemble(SECCOMP_KILL);
	return 0;
}

static void what_is_in_the_list_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(ask(SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(SYS_exit_group, 0, 0), SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < seccomp_server.count; i++) {
		const struct syscall_rule *rule = &seccomp_server.rules[i];
		assert_true(rule->number <= seccomp_server.newest);
		uint64_t value = rule->test == SYSCALL_IS     ? rule->value
				 : rule->test == SYSCALL_SELF ? SELF
							      : 0;

		assert_int_equal(ask(rule->number, rule->argument, value), SECCOMP_RET_ALLOW);
	}
}

/* Names that the build does not know would be left out without a word. */
static void each_line_of_the_list_is_a_rule(void **state)
{
	char path[512], line[256];
	size_t lines = 0;
	FILE *list;

	(void)state;
	if (getenv("SRCDIR") == NULL)
		skip();
	(void)snprintf(path, sizeof(path), "%s/cuse/sandbox/server.syscalls", getenv("SRCDIR"));
	list = fopen(path, "re");
	assert_non_null(list);
	while (fgets(line, sizeof(line), list) != NULL)
		lines += line[0] != '#' && line[0] != '\n' && strncmp(line, "newest", 6) != 0;
	(void)fclose(list);
	assert_int_equal(lines, seccomp_server.count);
}

static void what_a_taken_server_would_like_is_not(void **state)
{
	static const uint32_t wanted[] = {
		SYS_execve,
		SYS_execveat,
		SYS_fork,
		SYS_vfork,
		SYS_clone,
		SYS_clone3,
		SYS_socket,
		SYS_socketpair,
		SYS_connect,
		SYS_bind,
		SYS_listen,
		SYS_sendmsg,
		SYS_recvmsg,
		SYS_kill,
		SYS_tkill,
		SYS_rt_sigqueueinfo,
		SYS_ptrace,
		SYS_process_vm_readv,
		SYS_process_vm_writev,
		SYS_mknod,
		SYS_mknodat,
		SYS_mount,
		SYS_umount2,
		SYS_unshare,
		SYS_setns,
		SYS_init_module,
		SYS_finit_module,
		SYS_bpf,
		SYS_keyctl,
		SYS_add_key,
		SYS_ioctl,
		SYS_prctl,
		SYS_setuid,
		SYS_open_by_handle_at,
		SYS_io_uring_setup,
		SYS_userfaultfd,
		SYS_chroot,
		SYS_pivot_root,
		SYS_perf_event_open,
		SYS_memfd_create,
		SYS_pidfd_open,
		SYS_pidfd_getfd,
		SYS_symlinkat,
		SYS_linkat,
		SYS_setrlimit,
		SYS_prlimit64,
		SYS_personality,
		SYS_modify_ldt,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(ask(wanted[i], 0, SELF), SECCOMP_RET_KILL_PROCESS);
}

static void memory_is_never_executable(void **state)
{
	static const uint32_t calls[] = { SYS_mmap, SYS_mprotect };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ask(calls[i], 2, PROT_READ | PROT_WRITE), SECCOMP_RET_ALLOW);
		assert_int_equal(ask(calls[i], 2, PROT_EXEC), SECCOMP_RET_KILL_PROCESS);
		assert_int_equal(ask(calls[i], 2, PROT_EXEC | PROT_READ), SECCOMP_RET_KILL_PROCESS);
	}
	assert_int_equal(ask(SYS_pkey_mprotect, 2, PROT_READ), SECCOMP_RET_KILL_PROCESS);
}

static void signals_go_to_our_own_threads_alone(void **state)
{
	(void)state;
	assert_int_equal(ask(SYS_tgkill, 0, SELF), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(SYS_tgkill, 0, 1), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(SYS_tgkill, 0, SELF | 1ULL << 32), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(SYS_tgkill, 0, UINT64_MAX), SECCOMP_RET_KILL_PROCESS);
}

static void newer_system_calls_are_unknown(void **state)
{
	(void)state;
	assert_int_equal(ask(seccomp_server.newest, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(seccomp_server.newest + 1, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(ask(0x3fffffff, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
}

static void other_tables_of_system_calls_are_refused(void **state)
{
	struct seccomp_data i386 = { .nr = 3, .arch = AUDIT_ARCH_I386 };

	(void)state;
	assert_int_equal(run(&i386), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(0x40000000, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(0x40000000 | SYS_read, 0, 0), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(UINT32_MAX, 0, 0), SECCOMP_RET_KILL_PROCESS);
}

static void logging_refuses_nothing(void **state)
{
	struct seccomp_data i386 = { .nr = 3, .arch = AUDIT_ARCH_I386 };

	(void)state;
	assemble(SECCOMP_LOG);
	assert_int_equal(run(&i386), SECCOMP_RET_LOG);
	assert_int_equal(ask(SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(SYS_execve, 0, 0), SECCOMP_RET_LOG);
	assert_int_equal(ask(SYS_mmap, 2, PROT_EXEC), SECCOMP_RET_LOG);
	assert_int_equal(ask(SYS_tgkill, 0, 1), SECCOMP_RET_LOG);
}

/* The kernel runs it for each number at the start of a server. */
static void an_answer_takes_few_steps(void **state)
{
	(void)state;
	for (uint32_t number = 0; number <= seccomp_server.newest + 1; number++) {
		(void)ask(number, 0, 0);
		assert_in_range(steps, 1, 28);
	}
}

static void more_rules_than_there_is_room_for_are_an_error(void **state)
{
	static struct syscall_rule many[SECCOMP_PROGRAM_MAX];
	const struct syscall_rules rules = { many, SECCOMP_PROGRAM_MAX, 1 };
	const struct syscall_rules long_ones = { many, SECCOMP_RULES_MAX, 1 };

	(void)state;
	assert_int_equal(seccomp_program(&rules, SECCOMP_KILL, SELF, program), -E2BIG);
	for (uint32_t i = 0; i < SECCOMP_RULES_MAX; i++)
		many[i] = (struct syscall_rule){ .number = i, .test = SYSCALL_IS };
	assert_int_equal(seccomp_program(&long_ones, SECCOMP_KILL, SELF, program), -E2BIG);
}

static pthread_barrier_t barrier;

/* Once to have begun, once to be told. */
static void *wait_and_ask_for_the_parent(void *context)
{
	(void)pthread_barrier_wait(&barrier);
	(void)pthread_barrier_wait(&barrier);
	(void)getppid();
	return context;
}

/* CASE 0: nothing that is forbidden; 1: in this thread; 2: in one that was there before. */
static _Noreturn void be_confined(int number)
{
	pthread_t thread;

	if (pthread_barrier_init(&barrier, NULL, 2) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    pthread_create(&thread, NULL, wait_and_ask_for_the_parent, NULL) != 0)
		_exit(2);
	(void)pthread_barrier_wait(&barrier);
	if (seccomp_enter(&seccomp_server, SECCOMP_KILL, NULL) < 0)
		_exit(3);
	if (number == 1)
		(void)getppid();
	if (number == 2) {
		(void)pthread_barrier_wait(&barrier);
		(void)pthread_join(thread, NULL);
	}
	_exit(0);
}

static int status_of(int number)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		be_confined(number);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void the_kernel_ends_all_threads(void **state)
{
	(void)state;
#ifdef WITH_INSTRUMENTATION
	skip();
#endif
	if (seccomp_check(NULL) < 0)
		skip();
	assert_int_equal(WEXITSTATUS(status_of(0)), 0);
	for (int number = 1; number <= 2; number++) {
		int status = status_of(number);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

int main(void)
{
	static const struct CMUnitTest rules[] = {
		cmocka_unit_test_setup(what_is_in_the_list_is_allowed, set_up),
		cmocka_unit_test(each_line_of_the_list_is_a_rule),
		cmocka_unit_test_setup(what_a_taken_server_would_like_is_not, set_up),
		cmocka_unit_test_setup(memory_is_never_executable, set_up),
		cmocka_unit_test_setup(signals_go_to_our_own_threads_alone, set_up),
		cmocka_unit_test_setup(newer_system_calls_are_unknown, set_up),
		cmocka_unit_test_setup(other_tables_of_system_calls_are_refused, set_up),
		cmocka_unit_test_setup(logging_refuses_nothing, set_up),
		cmocka_unit_test(more_rules_than_there_is_room_for_are_an_error),
		cmocka_unit_test_setup(an_answer_takes_few_steps, set_up),
		cmocka_unit_test(the_kernel_ends_all_threads),
	};

	return cmocka_run_group_tests(rules, NULL, NULL);
}
#endif
