"""What people create: conversations, feedback, accounts; kept apart from the archive, in one SQLite file."""
