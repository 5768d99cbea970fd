"""XLSX workbooks read as text, cell by cell, without trusting them."""
