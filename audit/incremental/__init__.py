"""An earlier run taken further: what it made of flows that nothing touched since still holds."""
