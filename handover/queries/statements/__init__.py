"""Statements: what a programme, an audit or a portfolio says on a day, in no language, and then in words.

A statement is first one document (``facts``), the same for all who read the same; the words are written from it alone.
People are not named in it: whoever did something is told by their organisation.
"""
