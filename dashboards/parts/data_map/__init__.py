"""What the data map is made of: what is asked, what is drawn where, what is laid over it."""
