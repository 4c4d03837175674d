"""Access: who is who, who may do what and where, and what was done."""
