"""The screens for compliance officers; they see the audit through its door only."""
