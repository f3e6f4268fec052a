# What a verifier reads.
UNIT_TESTS += %D%/test_event_log
%C%_test_event_log_SOURCES = %D%/test_event_log.c %D%/scratch.c %D%/scratch.h
%C%_test_event_log_LDADD = libverify.a libutil.a $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_launch_log
%C%_test_launch_log_SOURCES = %D%/test_launch_log.c %D%/memory_storage.c %D%/memory_storage.h
%C%_test_launch_log_LDADD = $(cuse_test_libs)

# With a TPM in the test's own process.
verify_libs = libverify.a libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_verify
%C%_test_verify_SOURCES = %D%/test_verify.c %D%/verify_fixture.c %D%/verify_fixture.h $(factory_fixture)
%C%_test_verify_LDADD = $(verify_libs)

UNIT_TESTS += %D%/test_relaunch
%C%_test_relaunch_SOURCES = %D%/test_relaunch.c %D%/verify_fixture.c %D%/verify_fixture.h $(factory_fixture)
%C%_test_relaunch_LDADD = $(verify_libs)

UNIT_TESTS += %D%/test_attest %D%/test_launch %D%/test_policy
%C%_test_attest_LDADD = $(verify_libs)
%C%_test_launch_LDADD = $(verify_libs)
%C%_test_policy_LDADD = $(verify_libs)

UNIT_TESTS += %D%/test_saved_log
%C%_test_saved_log_LDADD = $(cuse_test_libs)

# The host's TPM vouches: who asks, who answers, who verifies.
UNIT_TESTS += %D%/test_host_quote
%C%_test_host_quote_SOURCES = %D%/test_host_quote.c %D%/verify_fixture.c %D%/verify_fixture.h $(factory_fixture)
%C%_test_host_quote_LDADD = libcuse.a libruntime.a $(verify_libs) $(HASH_LIBS)
