"""The audit trail: a chain of rows, its anchors outside the database, and who checks them."""
