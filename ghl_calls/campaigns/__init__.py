"""The rules of campaigns: when, whom, how often and how fast. Plain Python; they refuse when they do not know."""
