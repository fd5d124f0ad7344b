"""Changes that are only supposed: of packs, of the registers, of what is declared complete."""
