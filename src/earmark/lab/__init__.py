"""The half that trains: towers, matchers, losses, recipes, the loop, and the way to a bundle."""
