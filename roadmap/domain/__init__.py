"""The pure core: what the board forecasts, what a change delays, and what both are worth.

Standard library only. Frozen values go in, values with their reasons come out; `today` is an
argument.
"""
