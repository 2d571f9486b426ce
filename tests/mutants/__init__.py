"""Each guard of the executor taken away in turn: a test has to notice."""
