"""Lines of the server's log: where something broke, and nothing that a visitor typed."""

import logging
import traceback


class CarefulFormatter(logging.Formatter):
    """Writes an error's kind and the places in the program that it went through.

    The text of an error may quote what was typed, a serial number among it, so it is left out;
    so are the arguments of the log line, but for its name and the level.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it one line per place."""
        status = getattr(record, "status_code", "")
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {status}".rstrip()
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return line
        places = [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        return "\n".join([f"{line} {type(error).__name__}", *places])
