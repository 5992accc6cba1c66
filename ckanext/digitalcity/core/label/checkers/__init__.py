"""One checker a file: ``assess(facts, now) -> Answer`` over the evidence of the kind that its indicator names."""
