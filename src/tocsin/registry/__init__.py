"""Who holds which device: the columns of a registry, its records and findings."""
