/* SPDX-License-Identifier: BSD-3-Clause */
/* What every unit test begins with: cmocka wants these headers in this order. */
#ifndef VTPM_TESTS_UNIT_UNIT_H
#define VTPM_TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

/* A macro of cmocka's, which ends a test; ours have functions of this name. */
#undef stop

/* cmocka 2 has one for each kind of number, and warns of the name that earlier ones have. */
#ifdef assert_int_in_range
#undef assert_in_range
#define assert_in_range(value, least, most) assert_int_in_range(value, least, most)
#endif

/* Called first by a child that asserts: a failure ends it, where it would go on with our tests. */
static inline void unit_child_begin(void)
{
	(void)setenv("CMOCKA_TEST_ABORT", "1", 1);
}

#endif
