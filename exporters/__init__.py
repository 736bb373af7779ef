"""Published marts to workbooks, files and terminal tables."""
