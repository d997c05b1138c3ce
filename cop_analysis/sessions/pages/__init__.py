"""What is asked of a study: rows in, facts, then words, a result out."""
