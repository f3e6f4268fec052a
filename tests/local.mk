# Unit tests, fuzz targets, guest tests, benchmarks and golden files: one fragment per folder.

# TPM commands that several of them send.
TEST_COMMANDS = %D%/common/commands.c %D%/common/commands.h

include %D%/unit/local.mk
include %D%/fuzz/local.mk
include %D%/guest/local.mk
include %D%/bench/local.mk
include %D%/setup/local.mk
include %D%/source/local.mk
include %D%/golden/local.mk
include %D%/clients/local.mk
