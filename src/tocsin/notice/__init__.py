"""What a notice says: scope, hazard, instructions, revisions and their difference."""
