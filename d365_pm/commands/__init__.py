"""What the command line does, a module for each command; `cli.py` only wires them."""
