"""The one kind of error that is shown to a person."""


class ToolError(Exception):
    """Something a person can act on: the text says what went wrong, where, and what to do."""
