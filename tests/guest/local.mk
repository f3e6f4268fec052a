# Tests on a real kernel. tests/guest/run says where and how; by hand: tests/guest/run tests/guest/test_X.sh
GUEST_TESTS = \
	%D%/test_boot.sh \
	%D%/test_container.sh \
	%D%/test_harness.sh
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(top_srcdir)/%D%/run
if ENABLE_GUEST_TESTS
TESTS += $(GUEST_TESTS)
endif
EXTRA_DIST += %D%/run %D%/init %D%/container.sh %D%/lib.sh $(GUEST_TESTS)

# It runs where there is no library.
check_PROGRAMS += %D%/tpm_client
%C%_tpm_client_LDFLAGS = -static-pie
