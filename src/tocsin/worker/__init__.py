"""The process that does long work while people do something else."""
