"""The three golden cases: synthetic registries at their real scale, and their notices."""
