"""`python -m landkit` is the `landkit` command."""

from landkit.cli import main

if __name__ == "__main__":
    main()
