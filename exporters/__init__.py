"""partner-reports: the commands that build, publish and read the warehouse."""
