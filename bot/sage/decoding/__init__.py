"""Decoding of what Sage 200 answers: fields, rows, and many rows at once."""
