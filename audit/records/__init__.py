"""The four tables: their columns, their rules, and the records that keep them."""
