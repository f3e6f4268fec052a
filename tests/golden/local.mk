# Files that earlier releases wrote; they stay as they are.
TESTS += %D%/open %D%/eventlog/agree
EXTRA_DIST += %D%/README.md %D%/lib %D%/make %D%/open %D%/0.1.0
# One by one: a folder would be taken along with what the test has built in it.
EXTRA_DIST += %D%/eventlog/agree %D%/eventlog/cel.py %D%/eventlog/tree.py %D%/eventlog/every-event.cel %D%/eventlog/every-event.registers
