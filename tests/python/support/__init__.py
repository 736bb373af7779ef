"""What tests share: homes, random landing folders, the reference and how it is compared."""
