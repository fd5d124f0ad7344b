"""Registers kept from run to run, so that what did not change is not read and compiled again."""
