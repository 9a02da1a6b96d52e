"""What a user sets: the service file."""
