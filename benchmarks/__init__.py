"""What a record costs: Filrouge beside the plain way with the SDK, and beside the floor."""
