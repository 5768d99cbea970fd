"""Which service is called at which address: one table per kind of thing."""
