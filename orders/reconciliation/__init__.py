"""Our rows against the broker's word: orders, fills, positions, cash; and what differs."""
