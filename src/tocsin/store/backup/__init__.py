"""Backups: one file that can be checked, made from SQLite or PostgreSQL while work goes on."""
