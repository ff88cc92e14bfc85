"""The page, the JSON API, health and metrics."""
