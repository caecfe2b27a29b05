"""The entrance: how people sign in to the web. A closed house: operators make accounts, nobody signs up."""
