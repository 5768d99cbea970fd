"""Letters as PDF: one fixed Typst template, data only as JSON, PDF/UA-1 and PDF/A-2a together."""
