"""Where the tables lie and how their files are read: one module per kind of file."""

from audit.sources.export import Export as Export
from audit.sources.export import InputFile as InputFile
from audit.sources.export import TableFile as TableFile
from audit.sources.opening import open_export as open_export
