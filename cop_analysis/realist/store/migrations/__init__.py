"""The steps by which a coding's database came to its present tables; each says what it needs and is never changed."""
