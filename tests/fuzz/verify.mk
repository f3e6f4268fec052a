# What a verifier reads.
FUZZ_VERIFY = libverify.a libcerts.a libtpm.a libutil.a $(CRYPTO_LIBS) $(JANSSON_LIBS)
FUZZ_TARGETS += %D%/fuzz_attest
%C%_fuzz_attest_SOURCES = %D%/fuzz_attest.c $(FUZZ_MAIN)
%C%_fuzz_attest_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_attest_LDADD = $(FUZZ_VERIFY)

FUZZ_TARGETS += %D%/fuzz_attestation_key
%C%_fuzz_attestation_key_SOURCES = %D%/fuzz_attestation_key.c $(FUZZ_MAIN)
%C%_fuzz_attestation_key_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_attestation_key_LDADD = $(FUZZ_VERIFY)

FUZZ_TARGETS += %D%/fuzz_device_files
%C%_fuzz_device_files_SOURCES = %D%/fuzz_device_files.c $(FUZZ_MAIN)
%C%_fuzz_device_files_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_device_files_LDADD = $(FUZZ_VERIFY)

FUZZ_TARGETS += %D%/fuzz_policy
%C%_fuzz_policy_SOURCES = %D%/fuzz_policy.c $(FUZZ_MAIN)
%C%_fuzz_policy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_policy_LDADD = $(FUZZ_VERIFY)

FUZZ_TARGETS += %D%/fuzz_verifier_files
%C%_fuzz_verifier_files_SOURCES = %D%/fuzz_verifier_files.c $(FUZZ_MAIN)
%C%_fuzz_verifier_files_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_verifier_files_LDADD = $(FUZZ_VERIFY)

FUZZ_TARGETS += %D%/fuzz_launch
%C%_fuzz_launch_SOURCES = %D%/fuzz_launch.c $(FUZZ_MAIN)
%C%_fuzz_launch_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_launch_LDADD = $(FUZZ_VERIFY)

FUZZ_TARGETS += %D%/fuzz_certificates
%C%_fuzz_certificates_SOURCES = %D%/fuzz_certificates.c $(FUZZ_MAIN)
%C%_fuzz_certificates_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_certificates_LDADD = $(FUZZ_VERIFY)

FUZZ_TARGETS += %D%/fuzz_host_quote
%C%_fuzz_host_quote_SOURCES = %D%/fuzz_host_quote.c $(FUZZ_MAIN)
%C%_fuzz_host_quote_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_host_quote_LDADD = $(FUZZ_VERIFY)
