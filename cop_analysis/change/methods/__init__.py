"""Pure methods: columns and tables of answers in, a frozen answer out; they know nothing of a study."""
