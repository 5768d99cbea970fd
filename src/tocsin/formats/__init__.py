"""Reading and writing, one module per outside format."""
