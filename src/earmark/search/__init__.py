"""From what a person asks to hits: the plan of a query, ranking, moments, confidence."""
