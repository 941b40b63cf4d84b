"""Makes the synthetic layers of the Yangzhou demo study. Start at ../build.py."""
