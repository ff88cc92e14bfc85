"""The optional reader that lets a statistical parser look over the roles that the lexicon found."""
