"""What a page and a refresh cost as the catalogue, its changes and its memberships grow."""
