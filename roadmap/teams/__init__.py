"""Teams, their people per quarter, and who draws on them in which weeks."""
