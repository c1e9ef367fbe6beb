"""What people are told: the bell, and mail through an outbox."""
