"""Text in, claims out. Nothing is judged here: whether a claim is news is the differ's to say."""
