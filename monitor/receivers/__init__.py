"""Edges that tell people and programs: email, Slack, signed webhooks; their templates."""
