# Files that earlier releases wrote; they stay as they are.
TESTS += %D%/open %D%/eventlog/agree
EXTRA_DIST += %D%/README.md %D%/lib %D%/make %D%/open %D%/0.1.0 %D%/eventlog
