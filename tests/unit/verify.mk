# What a verifier reads.
UNIT_TESTS += %D%/test_event_log
%C%_test_event_log_SOURCES = %D%/test_event_log.c %D%/scratch.c %D%/scratch.h
%C%_test_event_log_LDADD = libverify.a libutil.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)
