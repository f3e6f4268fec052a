UNIT_TESTS += %D%/test_command %D%/test_tpm
%C%_test_command_LDADD = libtpm.a libutil.a $(CMOCKA_LIBS)
%C%_test_tpm_SOURCES = %D%/test_tpm.c %D%/memory_storage.c %D%/memory_storage.h
%C%_test_tpm_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)
