# Manufacturing: keys, certificates, PCR banks; the CA. Knows a TPM by its channel alone.
noinst_LIBRARIES += libcerts.a
libcerts_a_SOURCES = \
	%D%/ca.c %D%/ca.h \
	%D%/ca_dir.c %D%/ca_dir.h \
	%D%/ca_files.c %D%/ca_files.h \
	%D%/exchange.c %D%/exchange.h \
	%D%/external_ca.c %D%/external_ca.h \
	%D%/factory.h \
	%D%/firmware.c %D%/firmware.h \
	%D%/issuer.h \
	%D%/key_store.c %D%/key_store.h \
	%D%/key_type.c %D%/key_type.h \
	%D%/manufacture.c %D%/manufacture.h \
	%D%/manufacture_12.c \
	%D%/manufacture_2.c \
	%D%/manufacture_result.c \
	%D%/manufacture_settings.c %D%/manufacture_settings.h \
	%D%/nv.c %D%/nv.h \
	%D%/object.c %D%/object.h \
	%D%/openssl.c %D%/openssl.h \
	%D%/pcr_banks.c %D%/pcr_banks.h \
	%D%/public.c %D%/public.h \
	%D%/staging.c %D%/staging.h \
	%D%/tcg_extensions.c %D%/tcg_extensions.h \
	%D%/template.c %D%/template.h \
	%D%/tpm12.c %D%/tpm12.h \
	%D%/tpm_certificate.c %D%/tpm_certificate.h \
	%D%/tpm_identity.c %D%/tpm_identity.h \
	%D%/x509.c %D%/x509.h

sbin_PROGRAMS += vtpm-setup
vtpm_setup_SOURCES = \
	%D%/setup.c %D%/setup.h \
	%D%/setup_backup.c \
	%D%/setup_ca.c \
	%D%/setup_certificates.c %D%/setup_certificates.h \
	%D%/setup_manufacture.c \
	%D%/setup_rekey.c \
	%D%/setup_show.c \
	%D%/setup_state.c \
	%D%/setup_swtpm.c \
	%D%/setup_verify.c
vtpm_setup_LDADD = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)
