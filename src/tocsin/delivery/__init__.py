"""What leaves the house: mail relays, vendors by files and webhooks, and what they send back."""
