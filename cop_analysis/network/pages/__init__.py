"""The pages of a study's networks: a page computes its facts, and `words` makes sentences of them."""
