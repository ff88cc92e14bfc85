"""Edges that read the world: feeds, folders, JSONL streams; the one HTTP client; the killable parser."""
