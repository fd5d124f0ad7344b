"""Starts the command line, for `python -m audit` and for the command `consent-audit`."""

import audit.cli


def main() -> None:
    """Run the command line; it ends the process with one of the documented exit codes."""
    audit.cli.main()


if __name__ == "__main__":
    main()
