"""What the reports are: their columns, conditions and queries; `reports` defines them."""
