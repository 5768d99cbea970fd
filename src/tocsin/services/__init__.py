"""One function per user intent."""
