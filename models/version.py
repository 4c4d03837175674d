"""The program's version, and how its stores are known: their version and their mark."""

PROGRAM = "0.1.0"
STORE = 4
APPLICATION_ID = 0x4154524D  # "ATRM" in the file's header
