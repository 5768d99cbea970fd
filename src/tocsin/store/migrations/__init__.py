"""How the tables came to be what they are, step by step; written by Django but for triggers."""
