# What is measured at a launch, and what a verifier makes of it.
noinst_LIBRARIES += libverify.a
libverify_a_SOURCES = \
	%D%/log/bank.c %D%/log/bank.h \
	%D%/log/event.c %D%/log/event.h \
	%D%/log/log.c %D%/log/log.h \
	%D%/log/record.c %D%/log/record.h \
	%D%/log/view.c %D%/log/view.h
