UNIT_TESTS += %D%/test_bytes %D%/test_child %D%/test_error %D%/test_options %D%/test_sha256
%C%_test_bytes_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_child_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_error_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_options_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_sha256_LDADD = libutil.a $(CMOCKA_LIBS)
