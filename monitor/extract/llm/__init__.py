"""The optional reader that asks a language model, and believes only what stands in the document."""
