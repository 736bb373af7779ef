"""Answers to an accountant's questions: reconcile, bridge and trace."""
