"""Accounts and deals from CRM, what stands in a deal's way, and why it was lost."""
