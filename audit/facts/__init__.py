"""What the registers say of a flow as it stood at that moment: one file per register."""
