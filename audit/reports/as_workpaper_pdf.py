"""The working paper of a compliance audit as PDF, to file and to sign."""

from audit.reports.printing import printed_as
from audit.reports.workpaper import workpaper

render = printed_as("workpaper.pdf", workpaper)
