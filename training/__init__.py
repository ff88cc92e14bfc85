"""Training of the learned reader: data of our own, linter, model, evaluation. Nothing here is needed at run time."""
