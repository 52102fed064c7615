"""How many seeded mistakes in functions/ the unit tests find."""
