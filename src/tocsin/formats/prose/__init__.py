"""From free text (letters, web pages, PDF) to a draft of a notice: a grammar, no guesses."""
