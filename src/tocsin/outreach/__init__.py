"""Who is told what, through which channel, in which language."""
