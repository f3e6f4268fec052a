# Scripts for people who build and test.
EXTRA_DIST += .ci/run %D%/check %D%/copy-source %D%/demo %D%/demo-body %D%/elsewhere %D%/fuzz %D%/package %D%/setup
