"""Trade-offs: what a change costs, shown before it is made, and the ledger of what was decided."""
