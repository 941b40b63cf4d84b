"""The verb `init` (草拟): what files there are, which role each layer seems to have, and what is left open."""
