# Manufacturing: keys, certificates, PCR banks; the CA. Knows a TPM by its executor alone.
noinst_LIBRARIES += libcerts.a
# Certificates and the TCG's extensions.
libcerts_a_SOURCES = \
	%D%/x509/certificate.c %D%/x509/certificate.h \
	%D%/x509/key_type.c %D%/x509/key_type.h \
	%D%/x509/openssl.c %D%/x509/openssl.h \
	%D%/x509/public.c %D%/x509/public.h \
	%D%/x509/tpm_certificate.c %D%/x509/tpm_certificate.h

# Who signs: the local CA, external CAs, keys in tokens.
libcerts_a_SOURCES += \
	%D%/ca/ca.c %D%/ca/ca.h \
	%D%/ca/dir.c %D%/ca/dir.h \
	%D%/ca/external.c %D%/ca/external.h \
	%D%/ca/files.c %D%/ca/files.h \
	%D%/ca/key_store.c %D%/ca/key_store.h

# Making a TPM: EK, NV, PCR banks, platform, TPM 1.2.
libcerts_a_SOURCES += \
	%D%/factory/attributes.c \
	%D%/factory/commands_12.c %D%/factory/commands_12.h \
	%D%/factory/existing.c %D%/factory/existing.h \
	%D%/factory/firmware.c %D%/factory/firmware.h \
	%D%/factory/job.c %D%/factory/job.h \
	%D%/factory/make_12.c \
	%D%/factory/make_2.c \
	%D%/factory/manufacture.c %D%/factory/manufacture.h \
	%D%/factory/nv.c %D%/factory/nv.h \
	%D%/factory/object.c %D%/factory/object.h \
	%D%/factory/options.c %D%/factory/options.h \
	%D%/factory/pcr_banks.c %D%/factory/pcr_banks.h \
	%D%/factory/result.c %D%/factory/result.h \
	%D%/factory/settings.c %D%/factory/settings.h \
	%D%/factory/template.c %D%/factory/template.h

# vtpm-setup, a file per command.
programs += vtpm-setup
vtpm_setup_SOURCES = %D%/setup/vtpm_setup.c $(vtpm_setup_parts)
vtpm_setup_parts = \
	%D%/setup/backup.c %D%/setup/backup.h \
	%D%/setup/ca.c \
	%D%/setup/certificates.c \
	%D%/setup/chown.c \
	%D%/setup/export_swtpm.c \
	%D%/setup/import_swtpm.c \
	%D%/setup/main.c \
	%D%/setup/manufacture.c \
	%D%/setup/rekey.c \
	%D%/setup/restore.c \
	%D%/setup/setup.c %D%/setup/setup.h \
	%D%/setup/show.c \
	%D%/setup/swtpm.c %D%/setup/swtpm.h \
	%D%/setup/verify.c
vtpm_setup_LDADD = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)
