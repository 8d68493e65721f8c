"""What comes in: lines of either schema, and the one normalised record made of them."""
