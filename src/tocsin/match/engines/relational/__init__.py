"""The fast engine: notices and records as relations, verdicts as one join of them."""
