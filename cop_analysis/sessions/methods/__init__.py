"""What is computed of columns, counts and rows; nothing here knows a study."""
