"""Ground values every other room uses: truth, verdict, steps, provenance, errors."""
