"""The command line: parse arguments, call the library, choose a renderer, set the exit code."""
