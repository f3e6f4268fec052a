/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "cuse/device/turns.h"

static struct turns *turns;
static struct turn a, b, c;
static char names[] = "a\0b\0c";
static char order[16]; /* the names of those that have run */
static int reliefs, asked_to_run, cancels;

static void note_run(void *context)
{
	(void)strncat(order, context, sizeof(order) - strlen(order) - 1);
}

static void count(void *context)
{
	(*(int *)context)++;
}

static int count_cancel(void *context)
{
	(void)context;
	cancels++;
	return 0;
}

static bool stopping;

static bool is_stopping(void *context)
{
	(void)context;
	return stopping;
}

static void relieve(void *context)
{
	(void)context;
	count(&reliefs);
}

static void run_waiting(void *context)
{
	(void)context;
	count(&asked_to_run);
}

static int start(void **state)
{
	static const struct turns_host host = {
		.relieve = relieve,
		.run_waiting = run_waiting,
		.cancel = count_cancel,
		.is_stopping = is_stopping,
	};

	(void)state;
	a = (struct turn){ .run = note_run, .context = names + 0 };
	b = (struct turn){ .run = note_run, .context = names + 2 };
	c = (struct turn){ .run = note_run, .context = names + 4 };
	order[0] = '\0';
	reliefs = asked_to_run = cancels = 0;
	stopping = false;
	return turns_new(&host, &turns);
}

static int stop(void **state)
{
	(void)state;
	turns_free(take_ptr(turns));
	return 0;
}

static struct turn *queue(struct turn *turn)
{
	scoped_lock(turns_mutex(turns));
	turns_queue(turns, turn);
	return turns_begin(turns);
}

static void assert_state(bool busy, bool frozen)
{
	bool is_busy, is_frozen;

	turns_look(turns, &is_busy, &is_frozen);
	assert_int_equal(is_busy, busy);
	assert_int_equal(is_frozen, frozen);
}

static void whoever_brings_a_turn_while_the_tpm_is_free_runs_it(void **state)
{
	struct turn *mine = queue(&a);

	(void)state;
	assert_ptr_equal(mine, &a);
	assert_state(true, false);
	turns_run(turns, mine);
	assert_string_equal(order, "a");
	assert_int_equal(reliefs, 0);
	assert_state(false, false);
}

static void who_has_the_tpm_runs_the_others_in_their_order_and_is_relieved(void **state)
{
	struct turn *mine = queue(&a);

	(void)state;
	assert_null(queue(&b));
	assert_null(queue(&c));
	turns_run(turns, mine);
	assert_string_equal(order, "abc");
	assert_int_equal(reliefs, 2);
	assert_state(false, false);
}

static void queue_a_again(void *context)
{
	note_run(context);
	if (strlen(order) < 3)
		(void)queue(&a);
}

static void a_turn_may_wait_again_while_it_runs(void **state)
{
	(void)state;
	a.run = queue_a_again;
	turns_run(turns, queue(&a));
	assert_string_equal(order, "aaa");
}

static void a_freeze_holds_clients_back_until_the_thaw(void **state)
{
	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	assert_state(false, true);
	assert_null(queue(&a));
	turns_thaw(turns, FREEZE_ADMIN);
	assert_string_equal(order, "");
	assert_int_equal(asked_to_run, 1);
	assert_state(true, false);
	turns_run_waiting(turns);
	assert_string_equal(order, "a");
}

static void a_freeze_lets_the_turn_that_runs_end_and_no_other_begin(void **state)
{
	struct turn *mine = queue(&a);

	(void)state;
	(void)queue(&b);
	turns_freeze(turns, FREEZE_ADMIN);
	turns_run(turns, mine);
	assert_string_equal(order, "a");
	assert_state(false, true);
}

static void one_reason_to_freeze_does_not_end_the_other(void **state)
{
	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	turns_freeze(turns, FREEZE_CONTAINER);
	(void)queue(&a);
	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(asked_to_run, 0);
	assert_state(false, true);
	turns_thaw(turns, FREEZE_CONTAINER);
	assert_int_equal(asked_to_run, 1);
}

static void a_thaw_with_nobody_waiting_takes_nothing(void **state)
{
	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(asked_to_run, 0);
	assert_state(false, false);
}

static void who_asks_gets_a_free_tpm_at_once_but_not_on_its_own_thread(void **state)
{
	(void)state;
	assert_true(turns_ask(turns, &a));
	assert_string_equal(order, "");
	assert_int_equal(asked_to_run, 1);
	assert_state(true, false);
	assert_null(queue(&b));
	turns_run_waiting(turns);
	assert_string_equal(order, "ab");
}

static void ask_for_c(void *context)
{
	note_run(context);
	assert_true(turns_ask(turns, &c));
}

static void who_asks_comes_before_all_that_wait(void **state)
{
	struct turn *mine;

	(void)state;
	a.run = ask_for_c;
	mine = queue(&a);
	(void)queue(&b);
	turns_run(turns, mine);
	assert_string_equal(order, "acb");
	assert_int_equal(asked_to_run, 0);
}

static void who_asks_is_not_held_by_a_freeze(void **state)
{
	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	(void)queue(&a);
	assert_true(turns_ask(turns, &b));
	turns_run_waiting(turns);
	assert_string_equal(order, "b");
	assert_state(false, true);
}

static void who_asks_twice_is_asked_once(void **state)
{
	(void)state;
	assert_true(turns_ask(turns, &a));
	assert_false(turns_ask(turns, &a));
	turns_run_waiting(turns);
	assert_string_equal(order, "a");
	assert_true(turns_ask(turns, &a));
}

static void ask_for_a_again(void *context)
{
	note_run(context);
	if (strlen(order) < 2)
		assert_true(turns_ask(turns, &a));
}

static void who_asks_while_the_answer_is_made_is_answered_again(void **state)
{
	(void)state;
	a.run = ask_for_a_again;
	assert_true(turns_ask(turns, &a));
	turns_run_waiting(turns);
	assert_string_equal(order, "aa");
}

static void note_run_and_stop(void *context)
{
	note_run(context);
	stopping = true;
}

static void at_the_end_no_turn_is_begun(void **state)
{
	struct turn *mine;

	(void)state;
	a.run = note_run_and_stop;
	mine = queue(&a);
	(void)queue(&b);
	(void)turns_ask(turns, &c);
	turns_run(turns, mine);
	assert_string_equal(order, "a");
	assert_state(false, false);
}

static void a_turn_is_there_while_it_waits_or_runs(void **state)
{
	(void)state;
	(void)pthread_mutex_lock(turns_mutex(turns));
	assert_false(turns_has(turns, &a));
	turns_queue(turns, &a);
	assert_true(turns_has(turns, &a));
	assert_ptr_equal(turns_begin(turns), &a);
	assert_true(turns_has(turns, &a));
	turns_end(turns);
	assert_false(turns_has(turns, &a));
	(void)pthread_mutex_unlock(turns_mutex(turns));
}

static uint64_t number;

static void cancel_this(void *context)
{
	uint64_t wrong;

	note_run(context);
	number = 0;
	assert_int_equal(turns_cancel(turns, &number), 0);
	assert_int_equal(turns_cancel(turns, &number), 0);
	wrong = number + 1;
	assert_int_equal(turns_cancel(turns, &wrong), -ESRCH);
}

static void only_the_turn_that_runs_is_canceled(void **state)
{
	(void)state;
	number = 0;
	assert_int_equal(turns_cancel(turns, &number), -ESRCH);
	a.run = cancel_this;
	turns_run(turns, queue(&a));
	assert_int_equal(cancels, 2);
	assert_int_equal(turns_cancel(turns, &number), -ESRCH);
}

static void fail_to_cancel(void *context)
{
	note_run(context);
	number = 0;
	assert_int_equal(turns_cancel(turns, &number), -ESRCH);
}

static void what_was_asked_for_is_not_canceled(void **state)
{
	(void)state;
	a.run = fail_to_cancel;
	assert_true(turns_ask(turns, &a));
	turns_run_waiting(turns);
	assert_string_equal(order, "a");
	assert_int_equal(cancels, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(whoever_brings_a_turn_while_the_tpm_is_free_runs_it),
		TEST(who_has_the_tpm_runs_the_others_in_their_order_and_is_relieved),
		TEST(a_turn_may_wait_again_while_it_runs),
		TEST(a_freeze_holds_clients_back_until_the_thaw),
		TEST(a_freeze_lets_the_turn_that_runs_end_and_no_other_begin),
		TEST(one_reason_to_freeze_does_not_end_the_other),
		TEST(a_thaw_with_nobody_waiting_takes_nothing),
		TEST(who_asks_gets_a_free_tpm_at_once_but_not_on_its_own_thread),
		TEST(who_asks_comes_before_all_that_wait),
		TEST(who_asks_is_not_held_by_a_freeze),
		TEST(who_asks_twice_is_asked_once),
		TEST(who_asks_while_the_answer_is_made_is_answered_again),
		TEST(at_the_end_no_turn_is_begun),
		TEST(a_turn_is_there_while_it_waits_or_runs),
		TEST(only_the_turn_that_runs_is_canceled),
		TEST(what_was_asked_for_is_not_canceled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
