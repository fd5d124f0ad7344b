"""The door: what dashboards, the command line and a notebook may use."""
