"""Reports as files: one export, a pack for each partner; formats, names and places."""
