"""Values to something to look at: plots and pages."""
