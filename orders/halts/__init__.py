"""The kill switch, and taking back from the broker whatever of ours lives there."""
