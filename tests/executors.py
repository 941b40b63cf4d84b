"""The executors of Spark that a process has running, found by whose children they are."""

import psutil


def executors(of):
    """Process ids of the executors that a process, or one that it started, has running."""
    found = psutil.Process(of).children(recursive=True)
    return [child.pid for child in found if "CoarseGrainedExecutorBackend" in " ".join(_command(child))]


def _command(process):
    try:
        return process.cmdline()
    except psutil.Error:  # ended meanwhile
        return []
