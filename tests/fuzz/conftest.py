"""What is no test here."""

collect_ignore = ["drive.py"]  # it wants atheris, and instruments all that it imports
