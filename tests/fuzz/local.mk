# libFuzzer targets; their corpora are replayed by make check.
