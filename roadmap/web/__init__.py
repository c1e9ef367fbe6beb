"""What every page shares: guards against bad answers, headers, filters, errors, htmx, CSV."""
