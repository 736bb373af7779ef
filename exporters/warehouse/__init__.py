"""The warehouse of a home: built, tested, published, opened, its state."""
