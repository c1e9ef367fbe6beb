"""Telling people: notices in the product, and letters through an outbox."""
