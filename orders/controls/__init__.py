"""Pre-trade controls: what each weighs, and the three moments at which they are taken."""
