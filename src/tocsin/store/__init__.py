"""Where a team's actions are kept: tables, the audit chain, keys; rows <-> core values."""
