"""What comes of a reconciliation: its rows explained, its figures, its sheets and its summary."""
