"""The machine against an exchange in memory: one process, one seed, virtual time, every fault.

Only the world around is made here: `orders.machine` and `orders.plan` are what runs in production.
"""
