"""Languages of reports and the terminal."""
