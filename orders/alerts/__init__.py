"""Messages that people write as they speak: read, kept, completed, changed."""
