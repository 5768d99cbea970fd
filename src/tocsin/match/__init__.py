"""Notice and registry to verdict and reason."""
