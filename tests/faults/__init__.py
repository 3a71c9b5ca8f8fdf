"""The fault suite: what breaks, on purpose, and what must still hold.

Each fault is a function from a `Stage` to a `Finding`, in a module of its kind; `suite.py` lists them. `make faults`
runs all at full size, `make test` the same code at a small one. Every fault has a control: the same counting, with the
guard taken away, must find something, or its zero would mean nothing.
"""
