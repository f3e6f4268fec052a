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

dnl VTPM_STATIC_LIBRARY(VARIABLE, NAMES, FUNCTION, IF-NOT): the archives of these libraries replace what is in
dnl VARIABLE when a hardened program that calls FUNCTION of the first one can be linked with them.
AC_DEFUN([VTPM_STATIC_LIBRARY], [
	AC_MSG_CHECKING([for m4_normalize([$2]) as static archives])
	vtpm_static=
	for vtpm_flag in $$1; do
		AS_CASE([$vtpm_flag], [-L*], [vtpm_static="$vtpm_static $vtpm_flag"])
	done
	for vtpm_name in $2; do
		vtpm_static="$vtpm_static -l:lib$vtpm_name.a"
	done
	vtpm_saved_cflags=$CFLAGS vtpm_saved_ldflags=$LDFLAGS vtpm_saved_libs=$LIBS
	CFLAGS="$CFLAGS $HARDENING_CFLAGS $SANITIZER_FLAGS"
	LDFLAGS="$LDFLAGS $HARDENING_LDFLAGS"
	LIBS="$vtpm_static -pthread $LIBS"
	AC_LINK_IFELSE([AC_LANG_CALL([], [$3])],
		[AC_MSG_RESULT([yes])
		 $1=$vtpm_static],
		[AC_MSG_RESULT([no])
		 $4])
	CFLAGS=$vtpm_saved_cflags LDFLAGS=$vtpm_saved_ldflags LIBS=$vtpm_saved_libs
])

dnl VTPM_PACKED_RELOCATIONS(VARIABLE): in VARIABLE the flag that packs relocations, which are read at each start,
dnl where the C library's own start-up code is known to read them so.
AC_DEFUN([VTPM_PACKED_RELOCATIONS], [
	$1=
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <features.h>
		#if !__GLIBC_PREREQ(2, 36)
		#error unknown
		#endif]])],
		[$1=-Wl,-z,pack-relative-relocs])
])

dnl VTPM_APPLIANCE(VARIABLE): yes in VARIABLE when a program can be linked without shared libraries, with
dnl APPLIANCE_LDFLAGS.
AC_DEFUN([VTPM_APPLIANCE], [
	VTPM_TRY_LDFLAGS([APPLIANCE_LDFLAGS],
		[$hardening $packed -Wl,-T,$(cd "$srcdir" && pwd)/dist/appliance/no_unwinding.ld])
	APPLIANCE_LDFLAGS="$STATIC_LDFLAGS $APPLIANCE_LDFLAGS"
	AC_SUBST([APPLIANCE_LDFLAGS])
	AC_MSG_CHECKING([for a program without shared libraries])
	vtpm_saved_cflags=$CFLAGS vtpm_saved_ldflags=$LDFLAGS vtpm_saved_libs=$LIBS
	CFLAGS="$CFLAGS $HARDENING_CFLAGS"
	LDFLAGS="$LDFLAGS $APPLIANCE_LDFLAGS"
	LIBS="$FUSE_LIBS $LIBTPMS_LIBS $CRYPTO_LIBS $HASH_LIBS $JANSSON_LIBS -pthread $LIBS"
	$1=no
	AS_IF([test -z "$SANITIZER_FLAGS$COVERAGE_FLAGS"],
		[AC_LINK_IFELSE([AC_LANG_SOURCE([[
			void fuse_version(void);
			void json_object(void);
			void TPMLIB_GetVersion(void);
			int main(void) { fuse_version(); json_object(); TPMLIB_GetVersion(); return 0; }]])],
			[$1=yes])])
	AC_MSG_RESULT([$$1])
	CFLAGS=$vtpm_saved_cflags LDFLAGS=$vtpm_saved_ldflags LIBS=$vtpm_saved_libs
])
