"""The API: what the pages can do, for other software."""
