/* SPDX-License-Identifier: BSD-3-Clause */
/* What every unit test begins with: cmocka wants these headers in this order. */
#ifndef VTPM_TESTS_UNIT_UNIT_H
#define VTPM_TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
