"""What the commands end with."""

DONE, FAILED, WRONG_REQUEST = 0, 1, 2
# `reconcile` was done, and not all matches.
DIFFERENCES = 3
# What a shell reports for a program that SIGINT or SIGPIPE ended.
INTERRUPTED, PIPE_CLOSED = 130, 141
