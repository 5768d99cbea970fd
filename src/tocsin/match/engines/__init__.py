"""Two engines that give the same verdicts: one obvious, one fast."""
