# Files that earlier releases wrote; they stay as they are.
TESTS += %D%/open
EXTRA_DIST += %D%/README.md %D%/lib %D%/make %D%/open %D%/0.1.0
