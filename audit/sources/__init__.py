"""Where the tables lie and how their files are read: one module per kind of file."""
