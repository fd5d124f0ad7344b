"""A run as PDF to hand over, print and sign: what the page says, with its fonts in it."""

from audit.reports.printing import printed_as
from audit.reports.run_paper import run_paper

render = printed_as("report.pdf", run_paper)
