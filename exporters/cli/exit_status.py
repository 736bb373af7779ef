"""What the commands end with. `reconcile` has one more, for a statement that differs."""

DONE, FAILED, WRONG_REQUEST = 0, 1, 2
# What a shell reports for a program that SIGINT or SIGPIPE ended.
INTERRUPTED, PIPE_CLOSED = 130, 141
