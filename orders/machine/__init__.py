"""The state machine of one order that is worked: values and a clock in, changed values and notes out.

Pure: no rows, no settings, no wire. `execution` runs it over the database and a broker; a simulation runs
the same code over memory, with every fault at every await.
"""
