"""The plan as the database has it: gathered into the domain's values, cached, totalled, kept."""
