"""What proves that no row was altered, missing or cut, and that every invariant holds."""
