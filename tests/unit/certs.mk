# Manufacturing and the CA, on a real TPM in the test's own process.
UNIT_TESTS += %D%/test_answers %D%/test_ca %D%/test_ca_crash %D%/test_external_ca %D%/test_manufacture \
	%D%/test_manufacture_settings %D%/test_manufacture_state %D%/test_template %D%/test_tpm12 \
	%D%/test_tpm_certificate %D%/test_x509
certs_libs = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
factory_fixture = %D%/factory_fixture.c %D%/factory_fixture.h %D%/memory_storage.c %D%/memory_storage.h
go_rules = %D%/go_rules.c %D%/go_rules.h
%C%_test_answers_SOURCES = %D%/test_answers.c %D%/canned_tpm.h
%C%_test_answers_LDADD = $(certs_libs)
%C%_test_ca_SOURCES = %D%/test_ca.c $(go_rules) $(factory_fixture)
%C%_test_ca_LDADD = $(certs_libs)
%C%_test_ca_crash_SOURCES = %D%/test_ca_crash.c %D%/faults.c %D%/faults.h %D%/kill_at.c %D%/kill_at.h $(go_rules) $(factory_fixture)
%C%_test_ca_crash_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_ca_crash_LDADD = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(SHARED_CRYPTO_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
%C%_test_external_ca_SOURCES = %D%/test_external_ca.c $(factory_fixture)
%C%_test_external_ca_LDADD = $(certs_libs)
%C%_test_manufacture_SOURCES = %D%/test_manufacture.c $(factory_fixture)
%C%_test_manufacture_LDADD = $(certs_libs)
%C%_test_manufacture_settings_LDADD = $(certs_libs)
%C%_test_manufacture_state_SOURCES = %D%/test_manufacture_state.c $(factory_fixture)
%C%_test_manufacture_state_LDADD = $(certs_libs)
%C%_test_template_LDADD = $(certs_libs)
%C%_test_tpm12_SOURCES = %D%/test_tpm12.c $(factory_fixture)
%C%_test_tpm12_LDADD = $(certs_libs)
%C%_test_tpm_certificate_SOURCES = %D%/test_tpm_certificate.c $(go_rules) $(factory_fixture)
%C%_test_tpm_certificate_LDADD = $(certs_libs)
%C%_test_x509_LDADD = $(certs_libs)
