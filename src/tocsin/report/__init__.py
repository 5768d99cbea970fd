"""What was achieved: the funnel, effectiveness checks, and what they allow one to say. Pure."""
