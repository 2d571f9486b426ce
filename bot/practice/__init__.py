"""A small Discord-compatible server with a chat page: the real discord.py runs on it unchanged."""
