"""Everything that can read a page, a collection's page, a collection and ten of them."""
