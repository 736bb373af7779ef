"""The command line. `app` runs a command, `commands/` has one file for each of them."""
