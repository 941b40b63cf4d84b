"""Checks of layers (质检): bad data becomes findings with their place, never an exception and never silence."""
