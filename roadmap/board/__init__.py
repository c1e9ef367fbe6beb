"""The board: what comes next, the evidence behind it, and what moving it would cost."""
