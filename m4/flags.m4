dnl SPDX-License-Identifier: BSD-3-Clause
dnl VTPM_TRY_CFLAGS(VARIABLE, FLAGS), VTPM_TRY_LDFLAGS(VARIABLE, FLAGS): append to VARIABLE each of the
dnl words of FLAGS that the compiler takes without a warning. Clang only warns of what it does not know.
AC_DEFUN([VTPM_TRY_CFLAGS], [VTPM_TRY_FLAGS([CFLAGS], [$1], [$2], [AC_COMPILE_IFELSE])])
AC_DEFUN([VTPM_TRY_LDFLAGS], [VTPM_TRY_FLAGS([LDFLAGS], [$1], [$2], [AC_LINK_IFELSE])])
AC_DEFUN([VTPM_TRY_FLAGS], [
	for vtpm_flag in m4_normalize([$3]); do
		AC_MSG_CHECKING([for $vtpm_flag])
		vtpm_saved=$$1
		$1="$$1 -Werror $vtpm_flag"
		$4([AC_LANG_PROGRAM()],
			[AC_MSG_RESULT([yes])
			 $2="$$2 $vtpm_flag"],
			[AC_MSG_RESULT([no])])
		$1=$vtpm_saved
	done
])
