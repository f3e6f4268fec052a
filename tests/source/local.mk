# What the source itself has to keep to; no kernel is needed.
SOURCE_TESTS = %D%/bench_compare %D%/command_line %D%/completions %D%/configuration %D%/headers %D%/layers %D%/library %D%/manual %D%/pages %D%/pipes %D%/protocol %D%/trouble %D%/units
TESTS += $(SOURCE_TESTS)
EXTRA_DIST += $(SOURCE_TESTS)
