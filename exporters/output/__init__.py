"""Reports as files: CSV, JSON and Parquet, and where files go."""
