# cmocka tests, one program per module; they link what ships.
UNIT_TESTS =
if HAVE_CMOCKA
include %D%/util.mk
include %D%/tpm.mk
include %D%/certs.mk
include %D%/cuse.mk
include %D%/runtime.mk
include %D%/verify.mk
endif
EXTRA_DIST += %D%/unit.h
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
