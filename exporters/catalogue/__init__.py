"""What the reports are: their columns, conditions and queries."""
