"""The parties and what flows between them."""
