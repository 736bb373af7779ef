"""The landing folder: its files scanned, and delivered rows read again."""
