import TerminalText

/// The columns that a text takes on a terminal.
func columnsOf(_ text: String) -> Int { DisplayWidth.columns(of: text) }
