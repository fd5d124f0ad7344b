"""Runs kept, and what each reader may see of them."""
