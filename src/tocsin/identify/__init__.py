"""Text to typed identifiers: products, versions, lots, serials, days, device identifiers."""
