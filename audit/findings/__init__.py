"""What is wrong, grouped by cause, gravest first."""
