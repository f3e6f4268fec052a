# Manufacturing: keys, certificates, PCR banks; the CA. Knows a TPM by its channel alone.
noinst_LIBRARIES += libcerts.a
libcerts_a_SOURCES = \
	%D%/exchange.c %D%/exchange.h \
	%D%/key_type.c %D%/key_type.h \
	%D%/nv.c %D%/nv.h \
	%D%/object.c %D%/object.h \
	%D%/openssl.c %D%/openssl.h \
	%D%/pcr_banks.c %D%/pcr_banks.h \
	%D%/public.c %D%/public.h \
	%D%/template.c %D%/template.h \
	%D%/tpm_identity.c %D%/tpm_identity.h
