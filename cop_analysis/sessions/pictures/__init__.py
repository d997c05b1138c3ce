"""What is drawn of an answer; nothing here computes one."""
